/**
 * @file sigcomp_kit.h  UDVM programs written as code, and an endpoint to run
 *                      them on
 */
#ifndef SIGCOMP_KIT_H
#define SIGCOMP_KIT_H

#include "sigcomp/state.h"

enum {
	OP_DECOMPRESSION_FAILURE, OP_AND, OP_OR, OP_NOT, OP_LSHIFT,
	OP_RSHIFT, OP_ADD, OP_SUBTRACT, OP_MULTIPLY, OP_DIVIDE,
	OP_REMAINDER, OP_SORT_ASCENDING, OP_SORT_DESCENDING, OP_SHA_1,
	OP_LOAD, OP_MULTILOAD, OP_PUSH, OP_POP, OP_COPY, OP_COPY_LITERAL,
	OP_COPY_OFFSET, OP_MEMSET, OP_JUMP, OP_COMPARE, OP_CALL, OP_RETURN,
	OP_SWITCH, OP_CRC, OP_INPUT_BYTES, OP_INPUT_BITS, OP_INPUT_HUFFMAN,
	OP_STATE_ACCESS, OP_STATE_CREATE, OP_STATE_FREE, OP_OUTPUT,
	OP_END_MESSAGE
};

enum {
	LEFT = 64, RIGHT = 66, BIT_ORDER = 68, STACK = 70,   /* registers */
	SK_CODE = 128,         /* where programs are uploaded */
	SK_COMPARTMENTS = 2, SK_SMS_MAX = 8192, SK_OUT = 65536 + 64,
};

/** One endpoint, one message under construction */
struct sk {
	struct sigcomp sc;
	struct sigcomp_compartment comp[SK_COMPARTMENTS];
	uint64_t arena[SK_COMPARTMENTS][SK_SMS_MAX / 8 + 1];
	uint64_t codec_mem[32];
	uint64_t mem[(65536 + SIGCOMP_MEM_PAD) / 8];
	uint8_t out[SK_OUT];
	uint8_t msg[8192];
	size_t len;             /* of the message so far */
	size_t code_len;        /* 0: still in the code */
	struct sigcomp_result res;
	int err;
};

extern struct sk sk;

/** Endpoint with version 2, 16 cycles per bit, compartments of sms bytes */
void sk_open(uint32_t dms, uint32_t sms);
void sk_open_codec(uint32_t dms, uint32_t sms, uint8_t version,
		    const struct sigcomp_codec *codec);

/** Begin an upload */
void sk_code(void);

/**
 * One instruction. fmt has a letter for each operand:
 *   m immediate multitype, v multitype memory[arg], r reference to arg,
 *   l literal, a address: absolute target arg
 */
void sk_op(int op, const char *fmt, ...);

/** Address of the next instruction */
uint16_t sk_here(void);

/** Raw bytes into the code or, after sk_data, into the input */
void sk_raw(const void *p, size_t n);
void sk_byte(unsigned b);

/** End of the code: what follows is compressed data */
void sk_data(void);

/** Decompress what was built, or any message. @return err of decompress */
int sk_run(void);
int sk_run_message(const uint8_t *p, size_t len);

/** sk_run, then accept for compartment i */
int sk_run_accept(unsigned i);

/** END-MESSAGE without anything */
void sk_end(void);

/** Upload that creates a state of len bytes, all `fill`, in compartment i */
int sk_make_state(unsigned i, uint16_t len, uint8_t fill, uint16_t minacc,
		   uint16_t prio);

/** Identifier of that state */
void sk_state_id(uint8_t *id, uint16_t len, uint8_t fill, uint16_t minacc);

/** Is it there? */
bool sk_has_state(uint16_t len, uint8_t fill, uint16_t minacc);

/** Deterministic random numbers */
uint32_t sk_random(uint32_t *seed, uint32_t below);

#endif
