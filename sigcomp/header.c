/**
 * @file header.c  Format of a SigComp message and the memory the UDVM starts
 *                 with (RFC 3320 s7)
 */
#include <errno.h>
#include <string.h>
#include "sigcomp/private.h"
#include "sigcomp/udvm.h"

enum {
	FORMAT_MASK = 0xf8,     /* 11111xxx */
	T_BIT = 0x04,
	LEN_MASK = 0x03,
	USEFUL_VALUES = 32,     /* RFC 3320 s7.2, figure 5 */
	UDVM_MIN = 128,         /* registers and the lowest upload address */
};

/** Header and what is left of the message */
struct header {
	const uint8_t *item;
	const uint8_t *rest;    /* behind the partial state identifier, or
	                           at the bytecode */
	uint32_t rest_len;
	uint32_t bits;          /* size of the whole header */
	uint16_t code_len;
	uint16_t dest;
	uint8_t id_len;         /* 0: bytecode upload */
	uint8_t item_len;
};


bool sigcomp_is_message(const uint8_t *p, size_t len)
{
	return len && (p[0] & FORMAT_MASK) == FORMAT_MASK;
}


/** RFC 3320 s7.1: bytes of a feedback item that starts here, 0: cut off */
uint32_t sigcomp_item_len(const uint8_t *p, size_t len)
{
	uint32_t n = 1;

	if (!len)
		return 0;
	if (p[0] & 0x80)
		n += p[0] & 0x7f;

	return n <= len ? n : 0;
}


static enum sigcomp_reason header_upload(struct header *hdr)
{
	if (hdr->rest_len < 2)
		return SIGCOMP_MESSAGE_TOO_SHORT;

	hdr->code_len = (uint16_t)(hdr->rest[0] << 4 | hdr->rest[1] >> 4);
	hdr->dest = hdr->rest[1] & 15;
	hdr->rest += 2;
	hdr->rest_len -= 2;

	if (hdr->dest == 0)
		return SIGCOMP_INVALID_CODE_LOCATION;
	if (hdr->rest_len < hdr->code_len)
		return SIGCOMP_MESSAGE_TOO_SHORT;

	hdr->dest = (uint16_t)(64 * (hdr->dest + 1));

	return SIGCOMP_OK;
}


static enum sigcomp_reason header_decode(struct header *hdr,
					 const uint8_t *msg, uint32_t len)
{
	enum sigcomp_reason reason;

	memset(hdr, 0, sizeof(*hdr));
	hdr->rest = msg + 1;
	hdr->rest_len = len - 1;

	if (msg[0] & T_BIT) {
		const uint32_t n = sigcomp_item_len(hdr->rest, hdr->rest_len);

		if (!n)
			return SIGCOMP_MESSAGE_TOO_SHORT;

		hdr->item = hdr->rest;
		hdr->item_len = (uint8_t)n;
		hdr->rest += n;
		hdr->rest_len -= n;
	}

	if (msg[0] & LEN_MASK) {
		hdr->id_len = (uint8_t)(3 + 3 * (msg[0] & LEN_MASK));

		if (hdr->rest_len < hdr->id_len)
			return SIGCOMP_MESSAGE_TOO_SHORT;

		hdr->rest += hdr->id_len;
		hdr->rest_len -= hdr->id_len;
	}
	else {
		reason = header_upload(hdr);
		if (reason)
			return reason;
	}

	hdr->bits = 8 * (uint32_t)(hdr->rest + hdr->code_len - msg);

	return SIGCOMP_OK;
}


/** RFC 3320 s7.2: the message starts from a state */
static enum sigcomp_reason load_state(struct udvm *u, const struct header *hdr)
{
	struct sigcomp *sc = u->sc;
	struct sigcomp_source src;
	struct sigcomp_state st;
	int err;

	memcpy(sc->id, hdr->rest - hdr->id_len, hdr->id_len);
	sc->id_len = hdr->id_len;

	err = sigcomp_find(&st, sc, sc->id, hdr->id_len);
	if (err == EEXIST)
		return SIGCOMP_ID_NOT_UNIQUE;
	if (err || st.minacc > hdr->id_len)
		return SIGCOMP_STATE_NOT_FOUND;

	if (st.addr > u->size || u->size - st.addr < st.len)
		return SIGCOMP_SEGFAULT;

	/* the useful values go over the state */
	sigcomp_source_set(&src, st.value, 0);
	sigcomp_source_read(&src, u->mem + st.addr, st.len);
	memset(u->mem, 0, USEFUL_VALUES);
	udvm_put(u->mem + 6, hdr->id_len);
	udvm_put(u->mem + 8, st.len);
	u->pc = st.instr;

	return SIGCOMP_OK;
}


/** RFC 3320 s7.3: the message brings its bytecode */
static enum sigcomp_reason load_code(struct udvm *u, const struct header *hdr)
{
	if (u->size < hdr->dest || u->size - hdr->dest < hdr->code_len)
		return SIGCOMP_BYTECODES_TOO_LARGE;

	memcpy(u->mem + hdr->dest, hdr->rest, hdr->code_len);
	u->pc = hdr->dest;

	return SIGCOMP_OK;
}


/** RFC 3320 s7: size and content of the memory, cycles to begin with */
static enum sigcomp_reason udvm_load(struct udvm *u, const struct header *hdr,
				     uint32_t msg_len, bool stream)
{
	const struct sigcomp_settings *set = &u->sc->set;
	enum sigcomp_reason reason;

	if (stream)
		u->size = set->dms / 2;
	else if (msg_len <= set->dms)
		u->size = set->dms - msg_len;

	if (u->size > UDVM_SPACE)
		u->size = UDVM_SPACE;
	if (u->size < UDVM_MIN)
		return SIGCOMP_SEGFAULT;

	memset(u->mem, 0, u->size + UDVM_PAD);
	reason = hdr->id_len ? load_state(u, hdr) : load_code(u, hdr);
	if (reason)
		return reason;

	udvm_put(u->mem, u->size);
	udvm_put(u->mem + 2, set->cpb);
	udvm_put(u->mem + 4, set->version);

	u->cpb = set->cpb;
	u->limit = (1000 + hdr->bits) * u->cpb;

	return SIGCOMP_OK;
}


/**
 * Take the message apart and set up the machine; u->reason tells if that
 * failed
 *
 * @return 0, or the version of a NACK (RFC 4077), which is then u->msg
 */
uint32_t sigcomp_load(struct udvm *u, const uint8_t *msg, uint32_t len,
		      bool stream)
{
	struct sigcomp *sc = u->sc;
	struct header hdr;

	u->reason = SIGCOMP_MESSAGE_TOO_SHORT;
	if (!sigcomp_is_message(msg, len))
		return 0;

	u->reason = (uint8_t)header_decode(&hdr, msg, len);
	if (u->reason)
		return 0;

	sc->returned = hdr.item;
	sc->returned_len = hdr.item_len;
	u->msg = hdr.rest + hdr.code_len;
	u->msg_len = hdr.rest_len - hdr.code_len;

	/* RFC 4077 s3: no bytecode marks a NACK; version 1 runs it and finds
	   DECOMPRESSION-FAILURE in the empty memory */
	if (!hdr.id_len && !hdr.code_len && sc->set.version >= 2)
		return hdr.dest / 64u - 1;

	u->reason = (uint8_t)udvm_load(u, &hdr, len, stream);

	return 0;
}
