"""Names that are not ours: what `bundle` has to keep, and what it may use for nothing."""

from __future__ import annotations

import asyncio
import binascii
import builtins
import errno
import gc
import hashlib
import io
import json
import os
import socket
import ssl
import struct
import sys
import time

_LIBRARIES = (asyncio, binascii, builtins, errno, gc, hashlib, io, json, os, socket, ssl, struct, sys, time)
_LIBRARY_TYPES = (
    *(str, bytes, bytearray, memoryview, list, dict, set, tuple, int, float, OSError, io.BytesIO, io.TextIOWrapper),
    *(type(hashlib.sha256()), socket.socket, ssl.SSLContext, ssl.SSLSocket, asyncio.Event, asyncio.Lock, asyncio.Task),
)
# What MicroPython and the chip's modules name, CPython does not, and a name of ours may meet; a test
# holds this against MicroPython's stubs.
_DEVICE = (
    *("active", "any", "config", "connect", "core", "disconnect", "feed", "get_blob", "init", "ipconfig", "irq"),
    *("isconnected", "mode", "off", "on", "psk_identity", "psk_key", "raw", "read_uv", "readblocks", "reset", "scan"),
    *("set_blob", "set_ciphers", "sleep_ms", "status", "ticks_add", "ticks_diff", "ticks_ms", "toggle", "txdone"),
    *("value", "verify_mode", "wait_for_ms", "writeblocks"),
    *("handle", "left", "mac", "note", "path", "round", "start", "step", "text"),
)
# Names that somebody outside gave: an object that has one may not be ours.
OUTSIDE = frozenset(_DEVICE).union(*(dir(thing) for thing in (*_LIBRARIES, *_LIBRARY_TYPES)))

# Names that are in every MicroPython and in the .mpy format itself (py/makeqstrdata.py, static_qstr_list):
# they cost a device nothing. Used for what is ours, wherever our sources do not say them themselves.
INBORN = (
    *("ArithmeticError", "AssertionError", "AttributeError", "EOFError", "Ellipsis", "GeneratorExit", "ImportError"),
    *("IndentationError", "KeyboardInterrupt", "LookupError", "NameError", "NoneType", "NotImplementedError"),
    *("OverflowError", "RuntimeError", "StopIteration", "SyntaxError", "SystemExit", "ZeroDivisionError"),
    *("abs", "all", "any", "append", "args", "bool", "builtins", "bytearray", "bytecode", "bytes", "callable", "chr"),
    *("classmethod", "clear", "close", "copy", "count", "dict", "dir", "divmod", "end", "endswith", "eval"),
    *("exec", "extend", "find", "format", "from_bytes", "get", "getattr", "globals", "hasattr", "hash", "id", "index"),
    *("insert", "int", "isalpha", "isdigit", "isinstance", "islower", "isspace", "issubclass", "isupper", "items"),
    *("iter", "join", "key", "keys", "len", "list", "little", "locals", "lower", "lstrip", "map", "micropython"),
    *("next", "object", "open", "ord", "pop", "popitem", "pow", "print", "range", "read", "readinto", "readline"),
    *("remove", "replace", "repr", "reverse", "rfind", "rindex", "round", "rsplit", "rstrip", "send", "sep", "set"),
    *(
        "setattr",
        "setdefault",
        "sort",
        "sorted",
        "split",
        "start",
        "startswith",
        "staticmethod",
        "step",
        "stop",
        "str",
        "strip",
    ),
    *("sum", "throw", "to_bytes", "tuple", "type", "update", "upper", "value", "values", "write", "zip"),
)
