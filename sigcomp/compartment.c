/**
 * @file compartment.c  Endpoint, compartments and feedback (RFC 3320 s6.3)
 */
#include <errno.h>
#include <string.h>
#include "sigcomp/private.h"
#include "sigcomp/state.h"

enum {
	/* RFC 3320 s9.4.9, figure 12 */
	Q_BIT = 4, S_BIT = 2,  /* I: no local states are announced */

	/* RFC 5049 s4: what every SIP peer offers */
	PEER_DMS = 8192, PEER_SMS = 2048, PEER_CPB = 16, PEER_VERSION = 2,
};


/** RFC 3320 s3.3.1: 0 to 7 for 0, 2048, ... 131072; above: not allowed */
static uint32_t size_code(uint32_t size)
{
	uint32_t n = 1;

	if (!size)
		return 0;

	while (n < 8 && 1024u << n != size)
		++n;

	return n;
}


static uint32_t cpb_code(uint32_t cpb)
{
	uint32_t n = 0;

	while (n < 4 && 16u << n != cpb)
		++n;

	return n;
}


/** RFC 3320 s9.4.9, figure 13: first byte of the returned parameters */
uint8_t sigcomp_param_byte(uint32_t cpb, uint32_t dms, uint32_t sms)
{
	return (uint8_t)(cpb_code(cpb) << 6 | size_code(dms) << 3 |
			 size_code(sms));
}


int sigcomp_init(struct sigcomp *sc, const struct sigcomp_settings *set)
{
	if (!sc || !set || !set->mem || (uintptr_t)set->mem % 8)
		return EINVAL;

	if (!set->dms || size_code(set->dms) > 7 || cpb_code(set->cpb) > 3 ||
	    set->version < 1 || set->version > 2)
		return EINVAL;

	if (set->mem_size < UDVM_PAD +
	    (set->dms < UDVM_SPACE ? set->dms : (size_t)UDVM_SPACE))
		return EINVAL;

	memset(sc, 0, sizeof(*sc));
	sc->set = *set;

	return 0;
}


int sigcomp_open(struct sigcomp *sc, struct sigcomp_compartment *comp,
		 void *arena, uint32_t sms, void *codec_mem, size_t mem_size)
{
	if (!sc || !comp || size_code(sms) > 7 || (sms && !arena) ||
	    (uintptr_t)arena % 8 || (uintptr_t)codec_mem % 8)
		return EINVAL;

	memset(comp, 0, sizeof(*comp));
	comp->arena = arena;
	comp->arena_size = comp->sms = sms;
	comp->peer.dms = PEER_DMS;
	comp->peer.sms = PEER_SMS;
	comp->peer.cpb = PEER_CPB;
	comp->peer.version = PEER_VERSION;
	comp->peer.dictionary = true;
	comp->codec_mem = codec_mem;
	comp->codec_mem_size = codec_mem ? mem_size : 0;
	if (codec_mem)
		memset(codec_mem, 0, mem_size);

	comp->next = sc->comp;
	sc->comp = comp;

	return 0;
}


void sigcomp_close(struct sigcomp *sc, struct sigcomp_compartment *comp)
{
	struct sigcomp_compartment **p;

	for (p = &sc->comp; *p; p = &(*p)->next) {

		if (*p == comp) {
			*p = comp->next;
			comp->next = NULL;
			sigcomp_state_clear(comp);
			return;
		}
	}
}


int sigcomp_storage_init(struct sigcomp_storage *st, uint8_t cpb,
			 const struct sigcomp_codec *codec)
{
	struct sigcomp_settings set = {
		.dms = SIGCOMP_DMS, .cpb = cpb, .version = 2,
		.codec = codec
	};
	unsigned i;
	int err;

	set.mem = (uint8_t *)st->mem;
	set.mem_size = sizeof(st->mem);

	err = sigcomp_init(&st->sc, &set);

	for (i = 0; !err && i < SIGCOMP_COMPARTMENTS; ++i)
		err = sigcomp_open(&st->sc, &st->comp[i], st->arena[i],
				   SIGCOMP_SMS, st->codec_mem[i],
				   sizeof(st->codec_mem[i]));

	return err;
}


/** Requested feedback: figure 12, RFC 4896 s9 and s10.1 */
static void requested(struct sigcomp_compartment *comp, const uint8_t *p,
		      size_t len)
{
	const uint8_t bits = p[0];
	uint32_t n = 0;

	if (bits & Q_BIT)
		n = sigcomp_item_len(p + 1, len - 1);

	/* RFC 4896 s9.2: Q = 0 takes the stored item back */
	memcpy(comp->item, p + 1, n);
	comp->item_len = (uint8_t)n;

	if (bits & S_BIT) {
		comp->sms = 0;
		sigcomp_state_clear(comp);
	}
	else {
		comp->sms = comp->arena_size;
	}
}


/** Returned SigComp parameters: figure 13; a zero byte is "not given" */
static void returned(struct sigcomp_compartment *comp, const uint8_t *p,
		     size_t len)
{
	struct sigcomp_peer *peer = &comp->peer;
	const uint32_t dms = p[0] >> 3 & 7u, sms = p[0] & 7u, old = peer->sms;
	unsigned n = 0;

	if (p[0]) {
		peer->cpb = (uint8_t)(16u << (p[0] >> 6));
		peer->sms = sms ? 1024u << sms : 0;
		if (dms)
			peer->dms = 1024u << dms;
		/* RFC 4896 s10.2: what the peer deletes now is gone */
		if (peer->sms < old)
			sigcomp_ledger_doubt(comp, NULL);
	}

	if (len < 2)
		return;

	if (p[1])
		peer->version = p[1];

	/* only for RFC 3321 s5.2 it matters what states the peer has */
	if (!SIGCOMP_SHARED)
		return;

	for (p += 2, len -= 2; n < SIGCOMP_ANNOUNCED && len; ++n) {
		const size_t k = p[0];

		if (k < 6 || k > SIGCOMP_ID_LEN || len - 1 < k)
			break;

		comp->announced_len[n] = (uint8_t)k;
		memcpy(comp->announced[n], p + 1, k);
		p += 1 + k;
		len -= 1 + k;
	}

	comp->announced_n = (uint8_t)n;
}


/** RFC 3320 s6.3: feedback of a message that was accepted */
void sigcomp_feedback(struct sigcomp *sc, struct sigcomp_compartment *comp)
{
	const uint8_t *mem = sc->set.mem;

	comp->unheard = 0;
	if (SIGCOMP_SHARED)
		++comp->accepts;
	sigcomp_policy_returned(comp, sc->returned, sc->returned_len);

	if (sc->feedback_loc)
		requested(comp, mem + sc->feedback_loc,
			  sc->udvm_size - sc->feedback_loc);

	if (sc->params_loc)
		returned(comp, mem + sc->params_loc,
			 sc->udvm_size - sc->params_loc);

	if (SIGCOMP_SHARED)
		sigcomp_policy_heard(sc, comp);
	sigcomp_ledger_update(comp);
}
