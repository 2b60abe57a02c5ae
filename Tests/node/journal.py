"""Reads the files of a journal from outside, by docs/decisions/0012 and the layout beside the program's source.

It shares no code with the program: it finds the records, computes their chain, and reads of each event who it is.
"""

import hashlib
import os
import struct

SEGMENT_HEADER = 64
RECORD_HEADER = 72
# What of a record's header the chain covers, and where the chain is.
CHAINED = 32
CHAIN = 40
HEAD_SLOT = 512


class Broken(Exception):
    """The files are not what the program promises."""


class Record:
    """One record: where it is, and the identities of its events."""

    def __init__(self, file, offset, size, first, count, identities):
        self.file = file
        self.offset = offset
        self.size = size
        self.first = first
        self.count = count
        self.identities = identities


class Journal:
    """All records of a folder, up to the first place that is not a whole record."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.records = []
        self.chain = bytes(32)
        self.sequence = 0
        self.head = read_head(folder)
        self.segments = sorted(
            name
            for name in os.listdir(folder)
            if name.startswith("journal-") and name.endswith(".pj")
        )
        for name in self.segments:
            self._segment(name)

    def _segment(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            content = file.read()
        if len(content) < SEGMENT_HEADER or content[:8] != b"PLMSEGM1":
            return
        first, before = struct.unpack_from("<Q32s", content, 8)
        if first != self.sequence + 1 or before != self.chain:
            raise Broken(f"{name} does not follow event {self.sequence}")
        offset = SEGMENT_HEADER
        while offset + RECORD_HEADER <= len(content):
            header = content[offset : offset + CHAINED]
            magic, length, first, _, count, _ = struct.unpack("<4sIQqII", header)
            end = offset + RECORD_HEADER + (length + 7 & ~7)
            if magic != b"PLMR" or first != self.sequence + 1 or end > len(content):
                return
            start = offset + RECORD_HEADER
            payload = content[start : start + length]
            chain = hashlib.sha256(self.chain + header + payload).digest()
            if chain != content[offset + CHAIN : offset + CHAIN + 32]:
                return
            found = list(identities(payload))
            if len(found) != count:
                raise Broken(f"{name} at {offset}: {len(found)} events, the header says {count}")
            self.records.append(Record(name, offset, end - offset, first, count, found))
            self.chain = chain
            self.sequence += count
            offset = end

    @property
    def identities(self):
        """Of all events, in order."""
        return [identity for record in self.records for identity in record.identities]


def read_head(folder):
    """The last sequence and the chain that were durable, by the newer slot; `None`: there is none."""
    path = os.path.join(str(folder), "head.pj")
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        content = file.read(2 * HEAD_SLOT)
    slots = []
    for start in (0, HEAD_SLOT):
        if content[start : start + 8] == b"PLMHEAD1":
            slots.append(struct.unpack_from("<QQ32s", content, start + 8))
    if not slots:
        return None
    _, sequence, chain = max(slots)
    return sequence, chain


# Protocol Buffers, as much of it as is needed


def varint(data, place):
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7


def fields(data):
    """Number and value of each field of a message."""
    place = 0
    while place < len(data):
        tag, place = varint(data, place)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, place = varint(data, place)
        elif kind == 1:
            value, place = data[place : place + 8], place + 8
        elif kind == 2:
            length, place = varint(data, place)
            value, place = data[place : place + length], place + length
        elif kind == 5:
            value, place = data[place : place + 4], place + 4
        else:
            raise Broken(f"a field of kind {kind}")
        yield number, value


def identities(payload):
    """Of each event of a batch: its id, or source and sequence, or `None`."""
    for number, event in fields(payload):
        if number != 1:
            raise Broken(f"field {number} of a batch")
        found = None
        for name, value in fields(event):
            if name == 4:
                found = value.decode()
            elif name == 3:
                feed = dict(fields(value))
                found = (feed[1].decode(), feed.get(2, 0))
        yield found
