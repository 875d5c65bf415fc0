// How the prelude adds members to the interpreter's own types, and makes modules. Runs before anything of the user's does.

/**
 * Defines `_space`, in which everything else of ours is run: a dict found by hash, because ours has hundreds of names and the order of
 * a dict costs a walk through it. Flags in the word behind its type: py/obj.h, mp_map_t, empty and without IS_ORDERED.
 */
export const SPACE = `
import uctypes
_space = {'_name': 'prelude'}
_space.clear()
uctypes.bytearray_at(id(_space) + 4, 1)[0] = 1
`;

/** Defines `_extend(type, members)`, `_new_module(name, members)` and `_grown(module, members)`. */
export const TYPES = `
import builtins, gc, io, struct, sys, uctypes

_load = builtins.__import__
# What is reached from the interpreter's memory only, where no collector looks.
_kept = []

def _peek(at):
    return struct.unpack('<I', uctypes.bytes_at(at, 4))[0]

def _poke(at, word):
    memory = uctypes.bytearray_at(at, 4)
    for index, byte in enumerate(struct.pack('<I', word)):
        memory[index] = byte

def _extend(kind, members):
    # py/obj.h: the index of the slot of the members is byte 19 of a type, the slots begin at 20. py/obj.h, mp_map_t: a word of
    # flags (7: keys are names, fixed, ordered) and length, the room, the table of pairs. In a dict the map is behind one word.
    at = id(kind)
    slot = uctypes.bytes_at(at + 19, 1)[0]
    old = _peek(at + 20 + 4 * (slot - 1)) + 4
    pairs = bytes(uctypes.bytes_at(id(members) + 4 + 4, 8)), _peek(id(members) + 4 + 8)
    table = bytearray(uctypes.bytes_at(pairs[1], 8 * len(members)))
    mine = [_peek(pairs[1] + 8 * index) for index in range(len(members))]
    length, theirs = _peek(old) >> 3, _peek(old + 8)
    for index in range(length):
        if _peek(theirs + 8 * index) not in mine:
            table.extend(uctypes.bytes_at(theirs + 8 * index, 8))
    _kept.append((members, table))
    _poke(old + 8, uctypes.addressof(table))
    _poke(old + 4, len(table) // 8)
    _poke(old, len(table) // 8 << 3 | 7)

def _new_module(name, members):
    # A frozen module that was forgotten is made anew at its next import: the only way to an empty one.
    sys.modules.pop('abc', None)
    module = _load('abc')
    del sys.modules['abc'], module.ABC, module.abstractmethod
    module.__name__ = name
    for key, value in members.items():
        setattr(module, key, value)
    sys.modules[name] = module
    return module

def _grown(name, members):
    module = _load(name)
    native = {key: getattr(module, key) for key in dir(module) if key != '__name__'}
    native.update(members)
    return _new_module(name, native)
`;
