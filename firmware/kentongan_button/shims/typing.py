"""All of `typing` that code on the device ever looks at."""

TYPE_CHECKING = False
