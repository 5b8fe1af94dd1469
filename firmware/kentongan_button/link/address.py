"""Is it an address already, or a name that has to be found (`names.py`)?"""


def is_address(host: str) -> bool:
    """True for a dotted IPv4 address."""
    parts = host.split(".")
    return len(parts) == 4 and all([part.isdigit() and len(part) < 4 and int(part) < 256 for part in parts])
