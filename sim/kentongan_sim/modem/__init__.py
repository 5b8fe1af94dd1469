"""Modems and the network between them, emulated: pure models, and adapters to ptys and sockets."""
