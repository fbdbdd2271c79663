; lz: decoder of the codec in sigcomp/lz.c (RFC 3320 s8, s9)
;
; A message is a sequence of tokens: a byte, a copy from a distance, a copy
; from the distance used last. Text it can copy from lies before it: what the
; state kept of earlier messages, and, across the border of the ring, the end
; of the RFC 3485 dictionary, which the message itself overwrites as it grows.
;
;   128          this code, from the first message on part of the state
;   code_end     history: text of earlier messages
;   $place       this message; the dictionary is loaded here first
;   top          end of the ring, joined to code_end by the copy borders
;
; The state is everything from 128 to the end of the history. If the message
; says so, its text is added, and windows the compressor has chosen are cut out
; of it again, so that the state fits the peer's state_memory_size.
;
; With shared = 1 also RFC 3321 s5.2: the last message of the other direction
; can be loaded over the beginning of the dictionary, and this message is
; announced as one that can be used so.

set (val, 32)           ; token: a byte, or 256, or a branch
set (len, 34)
set (request, 36)       ; place of requested feedback; 0: none
set (minacc, 38)        ; minimum_access_length; 0: no state is created
set (flags, 40)         ; RFC 3320 s9.4.9 figure 12: requested feedback,
set (item, 41)          ; its item: length and
set (tag, 42)           ; one byte
set (hole, 46)          ; window to cut: address
set (gap, 48)           ; and length
if (shared)
set (returned, 9)       ; RFC 3320 s9.4.9 figure 13: sizes; version; list of
set (shared_id, 12)     ; one state, 20 bytes; high byte of val ends the list
set (heard_id, 12)      ; free until the message is announced
set (head, 44)
set (free_id, 50)       ; read when the message ends
set (header_len, 8)     ; RFC 3320 s9.4.9: hashed before a state_value
set (params, 58)        ; place of returned parameters; 0: none
else
set (header_len, 0)
endif
set (dist, 56)          ; stays for the next copy
set (place, 60)         ; where this message begins
set (ptr, 62)           ; end of the text so far
set (byte_copy_left, 64)
set (byte_copy_right, 66)

set (q_item, 0x0481)    ; Q = 1, one byte long

set (state_length, 8)   ; RFC 3320 s7.2: of the state at the start

set (dict_len, 3469)    ; text of the dictionary, without its tables
set (unit, 6)           ; windows begin and end at multiples of 2^unit

at (128)

; The first message comes with this code, as if in a state of this length.
:start
LOAD (state_length, code_end + header_len - start)

:begin
ADD ($state_length, start)
MULTILOAD (place, 4, $state_length, $state_length, code_end,
           patch (top, 7424))
; STATE-ACCESS may change the words at 0 to 9, and where it goes on is not
; left to its last operand: some decompressors differ there.
:dictionary
STATE-ACCESS (dict_id, 6, patch1 (skip, 0), patch (rest, dict_len), $place, 0)
if (shared)
; Two bits before the text: is this message announced? Does it use one of the
; other direction?
INPUT-BITS (1, params, finish)
MULTIPLY ($params, returned)
INPUT-BITS (1, val, finish)
COMPARE ($val, 1, token, heard, heard)
:heard
INPUT-BYTES (6, heard_id, finish)
STATE-ACCESS (heard_id, 6, 0, 0, $place, 0)
endif
JUMP (token)

; Ends the message: a state is created, and its feedback item asked for, the
; low byte of where the text ends. A message that ends without saves nothing.
:saved
LOAD (item, $ptr)
MULTILOAD (request, 3, flags, 6, q_item)

:finish                 ; also when the input is used up
LOAD (len, $ptr)
SUBTRACT ($len, $place)
OUTPUT ($place, $len)

if (shared)
; The identifier of a state with this text: its header goes before the text,
; over the last 8 bytes of the history.
LOAD (head, $place)
SUBTRACT ($head, header_len)
MULTILOAD ($head, 4, $len, 0, 0, 6)
ADD ($len, header_len)
SHA-1 ($head, $len, shared_id)
:announce
MULTILOAD (returned - 1, 2, patch (sizes, 0), patch (version, 532))
endif

:cut
INPUT-BITS (6, hole, done)
INPUT-BITS (6, gap, done)
LSHIFT ($hole, unit)
LSHIFT ($gap, unit)
ADD ($gap, $hole)
SUBTRACT ($ptr, $gap)
COPY-LITERAL ($gap, $ptr, $hole)
LOAD (ptr, $hole)
JUMP (cut)

:done
SUBTRACT ($ptr, start)
if (shared)
END-MESSAGE ($request, $params, $ptr, start, begin, $minacc, 0)
else
END-MESSAGE ($request, params, $ptr, start, begin, $minacc, 0)
endif

:dict_id
byte (0xfb, 0xe5, 0x07, 0xdf, 0xe5, 0xe6)
if (shared)
; After the text: the state this message came with goes, to make room.
:free
INPUT-BYTES (6, free_id, finish)
STATE-FREE (free_id, 6)
JUMP (token)
else
:params                 ; sizes, SigComp_version; the opcode after them ends
byte (0, 0)             ; the list of states (RFC 3320 s9.4.9: not 6..20)
endif

:copy
INPUT-BITS (13, dist, finish)
:again
INPUT-HUFFMAN (len, finish, 6,
               4, 11, -1, 3,            ; 4 bits: 3..7
               1, 14, -1, 8,            ; 5 bits: 8..15
               2, 54, -1, 1,            ; 7 bits: 1..2
               1, 44, -1, 16,           ; 8 bits: 16..79
               2, 64, -1, 80,           ; 10 bits: 80..191
               4, 192, -1, 192)         ; 14 bits: 192..1023
COPY-OFFSET ($dist, $len, $ptr)
JUMP (token)

:byte
COPY-LITERAL (val + 1, 1, $ptr)
:token
if (shared)
INPUT-HUFFMAN (val, finish, 12,
               2, 3, -1, 256,           ; 2 bits: copy
               3, 18, -1, 97,           ; 5 bits: a .. f
               0, 8, -1, 48,            ; 5 bits: 0 .. 9
               1, 15, -1, 32,           ; 6 bits: space
               0, 14, -1, 34,           ; 6 bits: "
               0, 13, -1, again - kind, ; 6 bits
               1, 21, -1, 43,           ; 7 bits: + .. /
               1, 41, -1, saved - kind, ; 8 bits
               0, 21, -1, 103,          ; 8 bits: g .. z
               1, 9, -1, 58,            ; 9 bits: : .. Z
               5, 32, -1, 0,            ; 14 bits: any byte
               0, 31, -1, free - kind)  ; 14 bits
else
INPUT-HUFFMAN (val, finish, 11,
               2, 3, -1, 256,           ; 2 bits: copy
               3, 18, -1, 97,           ; 5 bits: a .. f
               0, 8, -1, 48,            ; 5 bits: 0 .. 9
               1, 15, -1, 32,           ; 6 bits: space
               0, 14, -1, 34,           ; 6 bits: "
               0, 13, -1, again - kind, ; 6 bits
               1, 21, -1, 43,           ; 7 bits: + .. /
               1, 41, -1, saved - kind, ; 8 bits
               0, 21, -1, 103,          ; 8 bits: g .. z
               1, 9, -1, 58,            ; 9 bits: : .. Z
               5, 32, -1, 0)            ; 14 bits: any byte
endif
:kind
COMPARE ($val, 256, byte, copy, $val)

:code_end
