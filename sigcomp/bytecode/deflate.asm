; deflate: decoder of the codec in sigcomp/deflate.c (RFC 3320 s8, s9)
;
; Reads a DEFLATE stream (RFC 1951) of blocks with the fixed codes: for texts
; as short as SIP's the codes of a dynamic block and a decoder that builds
; them cost more than they save. If a byte follows the
; last block, a state is saved and this number requested as feedback item.
;
;   128          this code, from the first message on part of the state
;   code_end     history: the end of the text so far
;   $place       this message
;   $dict        end of the RFC 3485 dictionary's text, up to top
;   top          end of the ring: before code_end lies the dictionary
;
; The state is everything from 128 to the end of the history.

set (sym, 32)           ; a symbol, then the number it stands for
set (k, 34)             ; symbols to each number of extra bits
set (bits, 36)
set (minacc, 38)        ; minimum_access_length; 0: no state is created
set (flags, 40)         ; RFC 3320 s9.4.9 figure 12: requested feedback,
set (item, 41)          ; its item: length and
set (tag, 42)           ; one byte
set (extra, 44)
set (len, 46)
set (head, 48)          ; 1: last block, 2: fixed codes
set (stack, 50)
set (request, 58)       ; place of requested feedback; 0: none
set (place, 60)
set (ptr, 62)           ; end of the text so far
set (byte_copy_left, 64)
set (byte_copy_right, 66)
set (input_bit_order, 68)
set (stack_location, 70)

set (q_item, 0x0481)    ; Q = 1, one byte long
set (order, 5)          ; RFC 1951 s3.1.1: from the low end of a byte, numbers
                        ; low bit first (F), codes high bit first (H = 0)

set (state_length, 8)   ; RFC 3320 s7.2: of the state at the start

at (128)

; The first message comes with this code, as if in a state of this length.
:start
LOAD (state_length, code_end - start)

:begin
ADD ($state_length, start)
MULTILOAD (place, 6, $state_length, $state_length, code_end,
           patch (top, 7168), order, stack)
:dictionary
STATE-ACCESS (dict_id, 6, patch (skip, 0), patch (rest, 3469),
              patch (dict, 3699), 0)

:block
INPUT-BITS (3, head, failure)
JUMP (token)

; RFC 1951 s3.2.5: lengths have 4 symbols to each number of extra bits,
; distances 2; the first 8 and 4 have none. 285 is an exception.
:match
LOAD (len, 258)
COMPARE ($sym, 285, short, distance, distance)
:short
SUBTRACT ($sym, 257)
LOAD (k, 4)
CALL (extend)
ADD ($sym, 3)
LOAD (len, $sym)
:distance
INPUT-HUFFMAN (sym, failure, 1, 5, 0, -1, 0)
LOAD (k, 2)
CALL (extend)
ADD ($sym, 1)
COPY-OFFSET ($sym, $len, $ptr)
JUMP (token)

:params                 ; sizes, SigComp_version; 0 ends the list of states
byte (0, 0)
:failure
DECOMPRESSION-FAILURE

:byte
COPY-LITERAL (sym + 1, 1, $ptr)
; RFC 1951 s3.2.6
:token
INPUT-HUFFMAN (sym, failure, 4,
               7, 0, 23, 256,
               1, 48, 191, 0,
               0, 192, 199, 280,
               1, 400, 511, 144)
COMPARE ($sym, 256, byte, end_of_block, match)

:extend
COMPARE ($sym, $k, back, next, next)
:next
LOAD (bits, $sym)
DIVIDE ($bits, $k)
SUBTRACT ($bits, 1)
REMAINDER ($sym, $k)
ADD ($sym, $k)
LSHIFT ($sym, $bits)
INPUT-BITS ($bits, extra, failure)
ADD ($sym, $extra)
:back
RETURN

:end_of_block
COMPARE ($head, 3, block, finish, finish)
:finish
LOAD (len, $ptr)
SUBTRACT ($len, $place)
OUTPUT ($place, $len)
INPUT-BYTES (1, tag, done)
LOAD (request, flags)
MULTILOAD (minacc, 2, 6, q_item)

; Only the end of the text is kept.
COMPARE ($ptr, patch (limit, 3699), done, done, cut)
:cut
LOAD (len, code_end)
SUBTRACT ($ptr, patch (keep, 3000))
COPY-LITERAL ($ptr, patch (kept, 3000), $len)
LOAD (ptr, $len)

:done
SUBTRACT ($ptr, start)
END-MESSAGE ($request, params, $ptr, start, begin, $minacc, 0)

:dict_id
byte (0xfb, 0xe5, 0x07, 0xdf, 0xe5, 0xe6)
:code_end
