/**
 * @file udvm.h  Universal Decompressor Virtual Machine, private interface
 */
#ifndef SIGCOMP_UDVM_H
#define SIGCOMP_UDVM_H

#include "sigcomp/sigcomp.h"

enum {
	/* RFC 3320 s8.1: registers */
	UDVM_BYTE_COPY_LEFT = 64,
	UDVM_BYTE_COPY_RIGHT = 66,
	UDVM_INPUT_BIT_ORDER = 68,
	UDVM_STACK_LOCATION = 70,
	UDVM_SPACE = 65536,

	UDVM_OPERANDS = 7,      /* the most a fixed format has */
	UDVM_PAD = SIGCOMP_MEM_PAD,
	UDVM_SEEN = 4,          /* INPUT-HUFFMAN instructions remembered  */

	SIGCOMP_SOURCE_STACK = 6,
};

/** Cycles bound steps, not time: an instruction of one cycle may be a block of
 *  SHA-1, or unpack 255 octets of the dictionary.  What such instructions
 *  spend ends a message at 65536, with so much more for each: no compressor
 *  comes near */
#define UDVM_DEAR 128

/**
 * One run of the machine.
 *
 * Invariants: size <= UDVM_SPACE and mem has size + UDVM_PAD bytes; when an
 * instruction begins pc < size; bit <= 8 * msg_len; used <= limit.
 */
struct udvm {
	/* small fields first: short instructions on small processors */
	uint8_t reason;         /* first failure, SIGCOMP_OK while none   */
	uint8_t opcode;
	uint8_t p_bit;          /* P-bit at the last INPUT instruction    */
	bool has_output;
	uint16_t op[UDVM_OPERANDS];
	uint32_t dear;          /* see UDVM_DEAR                          */

	/* where instructions known to be sound begin and end, as long as
	   nothing is written between seen_low and seen_high */
	uint16_t seen_start[UDVM_SEEN];
	uint16_t seen_end[UDVM_SEEN];
	uint32_t seen_low, seen_high;

	uint8_t *mem;
	uint32_t size;
	uint32_t pc;            /* next byte to decode                    */
	uint32_t start;         /* the instruction being executed         */
	uint32_t used;          /* cycles used                            */
	uint32_t limit;         /* cycles granted so far                  */
	uint32_t cpb;
	const uint8_t *msg;     /* compressed data after the header       */
	uint32_t msg_len;
	uint32_t bit;           /* bits already passed to the machine     */
	uint8_t *out;
	uint32_t out_size;
	uint32_t out_len;
	struct sigcomp *sc;
};

/** Run to END-MESSAGE or to a failure in u->reason */
void udvm_run(struct udvm *u);

/* Byte copying (RFC 3320 s8.4, RFC 4896 s4). A span is the part of a string
   that lies in one piece in memory. */
struct udvm_span {
	uint32_t addr;
	uint16_t left, right;   /* registers as they were at the start */
};

static inline uint32_t udvm_get(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}


static inline void udvm_put(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}


static inline void udvm_span_set(struct udvm_span *s, const uint8_t *mem,
				 uint32_t addr)
{
	s->addr  = addr;
	s->left  = (uint16_t)udvm_get(mem + UDVM_BYTE_COPY_LEFT);
	s->right = (uint16_t)udvm_get(mem + UDVM_BYTE_COPY_RIGHT);
}


/** Bytes up to the next wrap, at most len */
static inline uint32_t udvm_span_len(const struct udvm_span *s, uint32_t len)
{
	uint32_t end = s->right > s->addr ? s->right : UDVM_SPACE;

	return len < end - s->addr ? len : end - s->addr;
}


/** Move on by n, which udvm_span_len allowed */
static inline void udvm_span_skip(struct udvm_span *s, uint32_t n)
{
	s->addr = (s->addr + n) % UDVM_SPACE;

	/* k = byte_copy_right: continue at byte_copy_left */
	if (n && s->addr == s->right)
		s->addr = s->left;
}


/** Where the octets of a state_value are read, one after the other */
struct sigcomp_source {
	const uint8_t *p;
	bool plain;             /* p is the value itself                  */
	uint8_t height;
	uint8_t stack[SIGCOMP_SOURCE_STACK];
};

/* dictionary.c */
void sigcomp_source_set(struct sigcomp_source *src, const uint8_t *value,
			uint32_t pos);
void sigcomp_source_read(struct sigcomp_source *src, uint8_t *dst,
			 uint32_t len);


enum udvm_use {
	UDVM_INSIDE,    /* nothing                                        */
	UDVM_READ,      /* copy to arg                                    */
	UDVM_WRITE,     /* copy from arg                                  */
	UDVM_STATE,     /* copy from the source arg                       */
	UDVM_EQUAL,     /* compare with the source; a difference is false */
	UDVM_CRC,       /* into the uint16_t arg                          */
	UDVM_HASH,      /* into the SHA-1 context arg                     */
};

/** Do something with a string in memory; false: it is not all inside */
bool udvm_string(uint8_t *mem, uint32_t size, uint32_t addr, uint32_t len,
		 enum udvm_use use, void *arg);

/** arg where it is only read */
static inline void *udvm_source(const void *p)
{
	return (void *)(uintptr_t)p;
}


/** SHA-1 of some bytes and a string in memory; false: not all inside, or it
    failed */
bool udvm_hash(uint8_t *hash, const uint8_t *head, size_t head_len,
	       uint8_t *mem, uint32_t size, uint32_t addr, uint32_t len);

/* The instructions of udvm_io.c, operands decoded */
void udvm_sha_1(struct udvm *u);
void udvm_check_crc(struct udvm *u);
void udvm_state_access(struct udvm *u);
void udvm_state_create(struct udvm *u);
void udvm_state_free(struct udvm *u);
void udvm_output(struct udvm *u);
void udvm_end_message(struct udvm *u);

/** udvm_string in the machine's memory; outside of it: SEGFAULT */
bool udvm_use(struct udvm *u, uint32_t addr, uint32_t len,
	      enum udvm_use use, void *arg);

static inline void udvm_fail(struct udvm *u, enum sigcomp_reason reason)
{
	if (!u->reason)
		u->reason = (uint8_t)reason;
}


/** Cost beyond the one cycle of every instruction (RFC 3320 s8.6); of what
 *  takes long.  @return false: it cannot be paid */
bool udvm_spend(struct udvm *u, uint32_t cycles);
bool udvm_dear(struct udvm *u, uint32_t cycles);


/** Memory is about to be written: what was remembered of it is void */
static inline void udvm_touch(struct udvm *u, uint32_t addr, uint32_t len)
{
	if (addr < u->seen_high && addr + len > u->seen_low)
		u->seen_high = 0;
}


/** Go on at an address operand (s8.5) */
static inline void udvm_jump(struct udvm *u, uint32_t operand)
{
	u->pc = (u->start + operand) % UDVM_SPACE;
}


/** Sort n lists of k words by the first one, stable (s9.1.3) */
void udvm_sort(uint8_t *mem, uint32_t n, uint32_t k, bool descending);

#endif
