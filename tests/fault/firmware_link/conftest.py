from tests.integration.firmware_link.conftest import button, folder, hop, slot

__all__ = ["button", "folder", "hop", "slot"]
