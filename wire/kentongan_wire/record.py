"""Plain values with named fields: what a dataclass would be if MicroPython had one."""


class Record:
    """A value that compares, hashes and prints by the fields its class lists."""

    FIELDS: tuple[str, ...] = ()

    def as_tuple(self) -> tuple[object, ...]:
        """The field values in the order of `FIELDS`."""
        return tuple([getattr(self, name) for name in self.FIELDS])

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Record) and self.as_tuple() == other.as_tuple()

    def __hash__(self) -> int:
        return hash(self.as_tuple())

    def __repr__(self) -> str:
        shown = ", ".join([name + "=" + repr(getattr(self, name)) for name in self.FIELDS])
        return type(self).__name__ + "(" + shown + ")"


class Payload(Record):
    """What a frame carries between its header and its MAC.

    A subclass sets `TYPE` (its number in the header) and has `encode` and `decode` as inverses:
    every byte string that `decode` accepts is what `encode` gives back.
    """

    TYPE = 0

    def encode(self) -> bytes:
        """The payload's bytes, big-endian, in the order of docs/wire-protocol.md."""
        raise NotImplementedError

    @classmethod
    def decode(cls, data: bytes) -> "Payload":
        """Read the payload back.

        Raises:
            FrameError: the bytes are not a payload of this type.
        """
        raise NotImplementedError
