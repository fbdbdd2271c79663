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

struct lz_prefix {
	const struct sigcomp_range *range;
	size_t n;
};

/** What the compressor has to know of a decoder (bytecode/lz.asm) */
struct lz_program {
	const uint8_t *code;
	uint16_t len;
	uint16_t code_end;         /* where the history begins              */
	uint16_t begin;            /* state_instruction                     */
	uint16_t dictionary;       /* instruction that loads it             */
	uint16_t token;
	uint16_t patch_top;        /* offsets of what is filled in          */
	uint16_t patch_skip;
	uint16_t patch_rest;
	uint16_t patch_sizes;
	uint16_t patch_version;
	uint16_t history;          /* longer than this is not worth part of
	                              the dictionary                        */
	uint16_t header;           /* RFC 3321 s5.2: bytes before each text;
	                              0: this decoder cannot do it          */
	uint16_t again;            /* values of tokens                      */
	uint16_t saved;
	uint16_t free;
	struct lz_prefix tokens;
	struct lz_prefix lengths;
	uint16_t cyc_start;        /* UDVM cycles outside of tokens, of a
	                              first message and with a state saved  */
};

#define LZ_COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define LZ_PROGRAM(P) \
	.code        = P,                                               \
	.len         = P##_LEN,                                         \
	.code_end    = P##_code_end,                                    \
	.begin       = P##_begin,                                       \
	.dictionary  = P##_dictionary,                                  \
	.token       = P##_token,                                       \
	.patch_top   = P##_PATCH_top,                                   \
	.patch_skip  = P##_PATCH_skip,                                  \
	.patch_rest  = P##_PATCH_rest,                                  \
	.header      = P##_header_len,                                  \
	.again       = (P##_again - P##_kind) & 0xffff,                 \
	.saved       = (P##_saved - P##_kind) & 0xffff,                 \
	.tokens      = { P##_token_code, LZ_COUNT(P##_token_code) },    \
	.lengths     = { P##_again_code, LZ_COUNT(P##_again_code) }

#define LZ_PROGRAM_PLAIN { \
	LZ_PROGRAM(LZ),                                                 \
	.patch_sizes = LZ_params - LZ_start,                            \
	.history     = 3864,                                            \
	/* :start to JUMP, the token :saved, :saved, :finish to :done */ \
	.cyc_start   = 1 + 1 + 5 + 1 + 1 + 12 + 1 + 1 + 4 + 3 + 1 + 2,  \
}

#if SIGCOMP_SHARED
extern const struct lz_program lz_program_plain;
extern const struct lz_program lz_program_shared;
#else
/* the only one: its values become constants of the code */
static const struct lz_program lz_program_plain = LZ_PROGRAM_PLAIN;
#endif

/** The decoder without or with RFC 3321 s5.2 */
static inline const struct lz_program *lz_program(bool shared)
{
#if SIGCOMP_SHARED
	if (shared)
		return &lz_program_shared;
#endif
	(void)shared;

	return &lz_program_plain;
}

enum {
	LZ_START = 128,            /* state_address, where code is loaded   */
	LZ_CODE_MAX = 296,
	LZ_TWO_SMS = 8192,         /* so much holds an old and a new state  */
	LZ_UNIT = 64,              /* windows are cut in these units        */
	LZ_UNITS = 8192 / LZ_UNIT, /* of all addresses operands can hold    */
	LZ_DICT_TEXT = 3469,       /* the dictionary without its tables     */
	LZ_TEXT_MAX = 4272,        /* history: more does not fit beside half
	                              the dictionary and a long message     */

	LZ_BLOCK = 256,            /* longest stretch parsed at once        */
	LZ_NICE = 120,             /* a match this long is taken at once    */
	LZ_MATCH_MAX = 1023,       /* longest the length code has           */
	LZ_DIST_BITS = 13,
	LZ_DIST_MAX = 8191,
	LZ_HEADS = 256,
	LZ_CUTS = 2,
	LZ_LINKS_MIN = 1024,       /* bytes of the work area                */
	LZ_HEADER_MAX = 8,
};

/** A window to be cut out: addresses in units */
struct lz_cut {
	uint8_t hole;
	uint8_t gap;
};

/**
 * What the peer remembers. Text is the history of the state `base`, and after
 * it a message; with that and without the windows of cut[] it is the history
 * of `next`, of which it is not known yet whether the peer has it. At the end
 * of the memory lies the peer's message that can be referred to (RFC 3321).
 */
struct lz_shadow {
	uint8_t base;              /* slot + 1; 0: none                     */
	uint8_t next;              /* slot + 1; 0: none                     */
	uint8_t cuts;
	uint8_t serial;            /* messages saved so far                 */
	struct lz_cut cut[LZ_CUTS];
	bool shared;               /* lz_program_shared                     */
	uint8_t param[2];
	uint16_t len;              /* history of base                       */
	uint16_t more;             /* message after it                      */
	uint16_t top;              /* values filled into the bytecode       */
	uint16_t skip;
	uint16_t heard_len;
	uint8_t born[LZ_UNITS];    /* serial, by address                    */
	uint8_t text[];
};

/** What is filled into the bytecode */
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
	bool shared;               /* lz_program_shared                     */
	struct lz_layout lay;

	/* text to copy from, in the order of its distance */
	const uint8_t *hist;
	uint32_t hist_len;
	const uint8_t *text;
	uint32_t text_len;
	const uint8_t *heard;      /* lies over the dictionary's beginning  */
	uint32_t heard_len;
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
	size_t novel;
	uint16_t rep;

	uint32_t link_base;        /* first position that is in a chain     */
	uint32_t links;
	uint32_t chained;          /* positions below are in their chains   */

	struct lz_cut cut[LZ_CUTS];
	unsigned cuts;

	/* the new state: bytecode and what stays of history and message */
	struct sigcomp_piece piece[1 + 3 + LZ_CUTS + 1];
	unsigned pieces;
	uint8_t header[LZ_HEADER_MAX];

	uint8_t code[LZ_CODE_MAX];
	uint8_t byte_cost[256];
	uint8_t len_cost[LZ_NICE + 1];
	union {
		struct lz_node node[LZ_BLOCK + LZ_NICE + 1];
		uint32_t value[LZ_UNITS + 1];  /* when parsing is done */
	};
	uint16_t head[LZ_HEADS];
	uint16_t link[];           /* then the dictionary                   */
};

/** The decoder this compression is for */
static inline const struct lz_program *lz_prog(const struct lz *z)
{
	return lz_program(z->shared);
}


/** Length of the peer's message that is used (RFC 3321 s5.2) */
static inline uint32_t lz_heard_len(const struct lz *z)
{
	return SIGCOMP_SHARED ? z->heard_len : 0;
}


/* lz_parse.c */
void lz_put(struct lz *z, uint32_t value, unsigned n);
void lz_put_token(struct lz *z, uint16_t value);
void lz_parse(struct lz *z);

/* lz_cut.c */
int lz_cut_choose(struct lz *z, const struct lz_shadow *sh, uint32_t keep,
		  uint32_t moves);

/* lz_state.c */
int lz_layout_choose(struct lz *z, const struct sigcomp_job *job,
		     uint32_t reserve);
void lz_code_make(struct lz *z);
size_t lz_shadow_room(const struct sigcomp_job *job);
uint32_t lz_history_max(const struct sigcomp_job *job, const struct lz *z);
void lz_pieces_make(struct lz *z);
void lz_shadow_next(struct lz_shadow *sh);
void lz_shadow_save(const struct sigcomp_job *job, const struct lz *z);
void lz_heard(void *mem, size_t mem_size, const uint8_t *text, size_t len);
size_t lz_mem_size(uint32_t sms);

#endif
