/**
 * @file lz_private.h  The lz codec, inside
 */
#ifndef SIGCOMP_LZ_PRIVATE_H
#define SIGCOMP_LZ_PRIVATE_H

#include "sigcomp/codec.h"

/** One range of an INPUT-HUFFMAN instruction (RFC 3320 s9.4.4) */
struct sigcomp_range {
	uint8_t bits;
	uint16_t lower;
	uint16_t upper;
	uint16_t value;
};

#include "gen/lz_code.h"

enum {
	LZ_UNIT = 1 << LZ_unit,    /* windows are cut in these units        */
	LZ_UNITS = 96,             /* of history and message, for their age */
	LZ_ADDRESSES = 8192 / LZ_UNIT,
	LZ_TEXT_MAX = 3864,        /* history: more does not fit beside the
	                              dictionary and the longest message    */

	LZ_BLOCK = 256,            /* longest stretch parsed at once        */
	LZ_NICE = 120,              /* a match this long is taken at once    */
	LZ_MATCH_MAX = 1023,       /* longest the length code has           */
	LZ_DIST_MAX = 8191,        /* 13 bits                               */
	LZ_HEADS = 256,
	LZ_CUTS = 2,
};

/** A window to be cut out: addresses in units */
struct lz_cut {
	uint8_t hole;
	uint8_t gap;
};

/**
 * What the peer remembers. Text is the history of the state `base`, and after
 * it a message; with that and without the windows of cut[] it is the history
 * of `next`, of which it is not known yet whether the peer has it.
 */
struct lz_shadow {
	uint8_t base;              /* slot + 1; 0: none                     */
	uint8_t next;              /* slot + 1; 0: none                     */
	uint8_t cuts;
	uint8_t serial;            /* messages saved so far                 */
	struct lz_cut cut[LZ_CUTS];
	uint16_t len;              /* history of base                       */
	uint16_t more;             /* message after it                      */
	uint16_t top;              /* values filled into the bytecode       */
	uint16_t skip;
	uint8_t param[2];
	uint8_t born[LZ_UNITS];    /* serial, by address                    */
	uint8_t text[];
};

/** What the bytecode has filled in, and where its text lies */
struct lz_layout {
	uint16_t top;
	uint16_t skip;             /* bytes of the dictionary left out      */
	uint16_t dict_len;         /* 0: dictionary not loaded              */
	uint8_t param[2];
};

struct lz_node {
	uint16_t cost;             /* bits from the start of the block      */
	uint16_t len;              /* last token of the cheapest way here   */
	uint16_t dist;             /* 0: a byte                             */
	uint16_t rep;              /* distance used last on that way        */
};

/** One compression, in the work area */
struct lz {
	/* text to copy from, in the order of its distance */
	const uint8_t *hist;
	uint32_t hist_len;
	const uint8_t *text;
	uint32_t text_len;
	const uint8_t *dict;
	uint32_t dict_len;
	uint32_t ring;

	/* bits to the message */
	uint8_t *out;
	size_t out_size;
	size_t pos;
	uint32_t acc;
	unsigned acc_bits;
	bool full;

	uint32_t cycles;
	uint16_t rep;

	uint32_t link_base;        /* first position that is in a chain     */
	uint32_t links;
	uint32_t chained;          /* positions below are in their chains   */

	struct lz_cut cut[LZ_CUTS];
	unsigned cuts;

	/* the new state: bytecode and what stays of history and message */
	struct sigcomp_piece piece[2 + 2 * (LZ_CUTS + 1)];
	unsigned pieces;

	uint8_t code[LZ_LEN];
	uint8_t byte_cost[256];
	uint8_t len_cost[LZ_NICE + 1];
	union {
		struct lz_node node[LZ_BLOCK + LZ_NICE + 1];
		uint32_t value[LZ_ADDRESSES + 1];  /* when parsing is done */
	};
	uint16_t head[LZ_HEADS];
	uint16_t link[];
};

/* lz_parse.c */
void lz_put(struct lz *z, uint32_t value, unsigned n);
void lz_put_kind(struct lz *z, uint16_t value);
void lz_parse(struct lz *z);

/* lz_cut.c */
int lz_cut_choose(struct lz *z, const struct lz_shadow *sh, uint32_t keep,
		  uint32_t moves, uint32_t size);

#endif
