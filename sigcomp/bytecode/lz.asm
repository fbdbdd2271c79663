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

set (val, 32)           ; token: a byte, or 256, or a branch
set (len, 34)
set (dist, 36)          ; stays for the next copy
set (minacc, 38)        ; minimum_access_length; 0: no state is created
set (request, 40)       ; place of requested feedback; 0: none
set (hole, 46)          ; window to cut: address
set (gap, 48)           ; and length
set (place, 60)         ; where this message begins
set (ptr, 62)           ; end of the text so far
set (byte_copy_left, 64)
set (byte_copy_right, 66)

set (state_length, 8)   ; RFC 3320 s7.2: of the state at the start

set (dict_len, 3469)    ; text of the dictionary, without its tables
set (unit, 6)           ; windows begin and end at multiples of 2^unit

at (128)

; The first message comes with this code, as if in a state of this length.
:start
LOAD (state_length, code_end - start)

:begin
ADD ($state_length, start)
MULTILOAD (place, 4, $state_length, $state_length, code_end,
           patch (top, 7424))
; STATE-ACCESS may change the words at 0 to 9, and where it goes on is not
; left to its last operand: some decompressors differ there.
:dictionary
STATE-ACCESS (dict_id, 6, patch1 (skip, 0), patch (rest, dict_len), $place, 0)
JUMP (token)

; Tokens that end the message: with or without asking for feedback. The item
; comes as it is to lie in memory: its address 42, flags, length, tag.
:tagged
INPUT-BYTES (5, request, finish)
:saved
LOAD (minacc, 6)

; Also reached when the input is used up: then nothing is saved.
:finish
LOAD (len, $ptr)
SUBTRACT ($len, $place)
OUTPUT ($place, $len)

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
END-MESSAGE ($request, params, $ptr, start, begin, $minacc, 0)

:dict_id
byte (0xfb, 0xe5, 0x07, 0xdf, 0xe5, 0xe6)
:params                 ; sizes, SigComp_version; the opcode after them ends
byte (0, 0)             ; the list of states (RFC 3320 s9.4.9: not 6..20)

:copy
INPUT-BITS (13, dist, finish)
:again
INPUT-HUFFMAN (len, finish, 6,
               4, 0, 4, 3,              ; 3..7
               1, 0, 17, -2,            ; 8..15
               3, 128, 207, 0,          ; 16..79
               2, 0, 833, -831,         ; 1..2 (lower 832)
               0, 0, 913, -754,         ; 80..159 (lower 834)
               3, 4096, -1, -3056)      ; 160.. (lower 7312)
COPY-OFFSET ($dist, $len, $ptr)
JUMP (token)

:byte
COPY-LITERAL (val + 1, 1, $ptr)
:token
INPUT-HUFFMAN (val, finish, 12,
               2, 0, 0, 256,            ; copy
               3, 8, 8, again - kind,
               0, 0, 14, 88,            ; a..f (lower 9)
               0, 0, 24, 33,            ; 0..9 (lower 15)
               1, 0, 50, -18,           ; space (lower 50)
               1, 36, 102, -32,         ; " (lower 102)
               0, 28, 107, -32,         ; + , - . / (lower 103)
               1, 216, 216, saved - kind,
               0, 128, 236, 14,         ; g..z (lower 217)
               1, 0, 506, -416,         ; : .. Z (lower 474)
               3, 4056, 4056, tagged - kind,
               3, 0, -1, 33080)         ; any byte (lower 32456)
:kind
COMPARE ($val, 256, byte, copy, $val)

:code_end
