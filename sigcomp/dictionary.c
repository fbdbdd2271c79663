/**
 * @file dictionary.c  SIP/SDP static dictionary (RFC 3485 s3)
 *
 * It is packed as bytecode/packdict.py tells. What is left of a code that
 * stands for two waits on a stack, whose height packdict.py bounds.
 */
#include <string.h>
#include "sigcomp/codec.h"
#include "sigcomp/udvm.h"
#include "gen/dictionary.h"

_Static_assert((int)STACK == (int)SIGCOMP_SOURCE_STACK,
	       "packdict.py and udvm.h differ");


const uint8_t sigcomp_dictionary_id[SIGCOMP_ID_LEN] = {
	0xfb, 0xe5, 0x07, 0xdf, 0xe5, 0xe6, 0xaa, 0x5a, 0xf2, 0xab, 0xb9, 0x14,
	0xce, 0xaa, 0x05, 0xf9, 0x9c, 0xe6, 0x1b, 0xa5,
};


/** An entry of the table of strings: length, offset */
static const uint8_t *entry_push(uint8_t *stack, const uint8_t *p)
{
	const uint32_t v = udvm_get(p), offset = (v & 0xfff) + OFFSET_MIN;

	stack[0] = (uint8_t)offset;
	stack[1] = (uint8_t)(offset >> 8);
	stack[2] = (uint8_t)((v >> 12) + LENGTH_MIN);
	p += 2;
	if (stack[2] == LENGTH_LONG)
		stack[2] = *p++;

	return p;
}


void sigcomp_source_read(struct sigcomp_source *src, uint8_t *dst,
			 uint32_t len)
{
	const uint8_t *const table = packed + PACKED_TABLE, *p = src->p;
	uint8_t *top = src->stack + src->height;

	if (src->plain) {
		memcpy(dst, p, len);
		src->p = p + len;
		return;
	}

	while (len) {
		uint32_t c, k;

		if (top > src->stack) {
			c = *--top;
		}
		else if (p < table) {
			c = *p++;
		}
		else {
			p = entry_push(top, p);
			top += 3;
			continue;
		}

		/* the table has octets of all values */
		while (p <= table &&
		       (k = (c - PAIR_FIRST) & 0xff) < PAIR_COUNT) {
			*top++ = pairs[2 * k + 1];
			c = pairs[2 * k];
		}

		*dst++ = (uint8_t)c;
		--len;
	}

	src->p = p;
	src->height = (uint8_t)(top - src->stack);
}


/** Read a state_value from pos on; value NULL: the dictionary */
void sigcomp_source_set(struct sigcomp_source *src, const uint8_t *value,
			uint32_t pos)
{
	uint32_t mark;
	uint8_t b;

	src->height = 0;
	src->plain = value != NULL;
	if (value) {
		src->p = value + pos;
		return;
	}

	mark = marks[pos / MARK];
	src->p = packed + (mark >> 2);
	for (pos = pos % MARK + (mark & 3); pos; --pos)
		sigcomp_source_read(src, &b, 1);
}


void sigcomp_dictionary_read(uint8_t *dst, uint32_t pos, uint32_t len)
{
	struct sigcomp_source src;

	sigcomp_source_set(&src, NULL, pos);
	sigcomp_source_read(&src, dst, len);
}
