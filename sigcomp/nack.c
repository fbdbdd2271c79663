/**
 * @file nack.c  Negative acknowledgement (RFC 4077)
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/sha1.h>
#include "sigcomp/private.h"
#include "sigcomp/udvm.h"

enum {
	/* offsets in the "remaining SigComp message" (s3.1, figure 1) */
	NACK_REASON = 0, NACK_OPCODE = 1, NACK_PC = 2, NACK_HASH = 4,
	NACK_DETAIL = NACK_HASH + SIGCOMP_ID_LEN,
	NACK_HEADER = 3, NACK_VERSION = 1,
};


/** Error details (s3.2): bytes written to p, which has room for them */
static size_t details(uint8_t *p, const struct sigcomp *sc)
{
	switch (sc->reason) {

	case SIGCOMP_CYCLES_EXHAUSTED:
		p[0] = sc->set.cpb;
		return 1;

	case SIGCOMP_BYTECODES_TOO_LARGE:
		udvm_put(p, sc->set.dms);
		return 2;

	case SIGCOMP_STATE_NOT_FOUND:
	case SIGCOMP_ID_NOT_UNIQUE:
	case SIGCOMP_STATE_TOO_SHORT:
		memcpy(p, sc->id, sc->id_len);
		return sc->id_len;

	default:
		return 0;
	}
}


int sigcomp_nack(size_t *np, struct sigcomp *sc, uint8_t *buf, size_t size,
		 const uint8_t *msg, size_t len)
{
	const uint8_t reason = msg ? sc->reason : SIGCOMP_FRAMING_ERROR;
	uint8_t *p = buf + NACK_HEADER;
	size_t n;

	if (!reason)
		return EPROTO;

	/* s2.4: only version 2 knows NACK; a NACK is never answered */
	if (sc->set.version < 2 || (msg && sc->was_nack))
		return ENOTSUP;

	if (size < SIGCOMP_NACK_MAX)
		return EOVERFLOW;

	memset(buf, 0, SIGCOMP_NACK_MAX);
	buf[0] = 0xf8;
	buf[2] = NACK_VERSION;
	p[NACK_REASON] = reason;
	n = NACK_HEADER + NACK_DETAIL;

	/* s3.2: with a framing error there is no message to hash */
	if (msg) {
		p[NACK_OPCODE] = sc->opcode;
		udvm_put(p + NACK_PC, sc->pc);
		if (mbedtls_sha1_ret(msg, len, p + NACK_HASH))
			return EIO;
		n += details(p + NACK_DETAIL, sc);
	}
	*np = n;

	return 0;
}


/** s2.3: the message is found by its hash; the last of identical ones */
static const struct sigcomp_sent *sent_find(
	const struct sigcomp_compartment *comp, const uint8_t *hash)
{
	const struct sigcomp_sent *last = NULL;
	unsigned i;

	for (i = 0; i < SIGCOMP_NACK_LIST; ++i) {
		const struct sigcomp_sent *sent = &comp->sent[i];

		if (sent->handle && (!last || sent->handle > last->handle) &&
		    !memcmp(sent->hash, hash, SIGCOMP_ID_LEN))
			last = sent;
	}

	return last;
}


int sigcomp_nack_read(struct sigcomp_result *res, struct sigcomp *sc,
		      const uint8_t *p, size_t len, uint32_t version)
{
	struct sigcomp_compartment *comp;
	const struct sigcomp_sent *sent = NULL;

	sc->was_nack = true;
	res->kind = SIGCOMP_NACK;

	/* other versions of the mechanism are ignored */
	if (version != NACK_VERSION)
		return 0;

	if (len < NACK_DETAIL) {
		sc->reason = SIGCOMP_MESSAGE_TOO_SHORT;
		res->reason = SIGCOMP_MESSAGE_TOO_SHORT;
		return EBADMSG;
	}

	res->reason = (enum sigcomp_reason)p[NACK_REASON];

	for (comp = sc->comp; comp && !sent; comp = comp->next) {

		sent = sent_find(comp, p + NACK_HASH);
		if (sent) {
			res->comp = comp;
			res->handle = sent->handle;
			sigcomp_policy_refused(comp, sent, res->reason,
					       p + NACK_DETAIL,
					       len - NACK_DETAIL);
		}
	}

	return 0;
}
