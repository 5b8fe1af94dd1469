"""What the shared sources ask of `typing` on a device; copied to the root of the flash image."""

TYPE_CHECKING = False
