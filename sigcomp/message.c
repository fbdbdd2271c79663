/**
 * @file message.c  Decompressor dispatcher (RFC 3320 s4.2)
 *
 * Runs the UDVM on a message and keeps what the message asks for until the
 * application has decided.
 */
#include <errno.h>
#include <string.h>
#include "sigcomp/private.h"
#include "sigcomp/state.h"


int sigcomp_decompress(struct sigcomp_result *res, struct sigcomp *sc,
		       uint8_t *out, size_t size,
		       const uint8_t *msg, size_t len, bool stream)
{
	struct udvm u;
	uint32_t version;

	sigcomp_discard(sc);
	memset(res, 0, sizeof(*res));
	if (len > SIGCOMP_MESSAGE_MAX)
		return EINVAL;

	memset(&u, 0, sizeof(u));
	sc->was_nack = false;
	u.sc = sc;
	u.mem = sc->set.mem;
	u.out = out;
	u.out_size = (uint32_t)(size < SIGCOMP_OUTPUT_MAX ? size :
				SIGCOMP_OUTPUT_MAX);

	version = sigcomp_load(&u, msg, (uint32_t)len, stream);
	if (version)
		return sigcomp_nack_read(res, sc, u.msg, u.msg_len, version);

	if (!u.reason)
		udvm_run(&u);

	res->cycles = u.used;
	res->budget = u.limit;

	if (u.reason) {
		res->reason = (enum sigcomp_reason)u.reason;
		sc->reason = u.reason;
		sc->opcode = u.opcode;
		sc->pc = (uint16_t)u.start;
		return EBADMSG;
	}

	res->kind = SIGCOMP_TEXT;
	res->len = u.out_len;
	res->has_output = u.has_output;

	sc->pending = true;
	sc->udvm_size = u.size;
	sc->text = out;
	sc->text_len = u.out_len;

	return 0;
}


void sigcomp_discard(struct sigcomp *sc)
{
	sc->pending = false;
	sc->requests = 0;
	if (SIGCOMP_SHARED)
		sc->shared_age = 0;
	sc->reason = SIGCOMP_OK;
}


int sigcomp_accept(struct sigcomp *sc, struct sigcomp_compartment *comp)
{
	unsigned i;

	if (!sc->pending)
		return EPROTO;

	sigcomp_feedback(sc, comp);
	if (SIGCOMP_SHARED)
		sigcomp_state_shared(comp, sc->shared_age);

	/* RFC 3320 s9.4.9: in the order they were made */
	for (i = 0; i < sc->requests; ++i) {
		if (sc->req[i].free)
			sigcomp_state_free(sc, comp, &sc->req[i]);
		else
			sigcomp_state_create(sc, comp, &sc->req[i]);
	}

	sigcomp_discard(sc);

	return 0;
}
