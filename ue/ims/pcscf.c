/**
 * @file pcscf.c  P-CSCFs of the UE and which one is tried next
 *
 * One address (TS 24.229 5.1.1.2.1), of a name that is the only one:
 *
 *   state     event               action                          next
 *   ---------------------------------------------------------------------
 *   UNKNOWN   next                look up (RFC 3263 s4)           ASKED
 *   ASKED     found               -                               USABLE
 *             restart             -                               UNKNOWN
 *   USABLE    next                chosen                          -
 *             failed              -                               FAILED
 *             failed 60           - (5.1.1.2.1: Retry-After)      BARRED
 *             restart             -                               STALE
 *   FAILED    failed 60           -                               BARRED
 *             restart             -                               STALE
 *   BARRED    60 s                -                               FAILED
 *             restart             -                               STALE*
 *   FAILED,   good                - (it is registered there)      USABLE
 *   BARRED,
 *   STALE,
 *   STALE*
 *   WAITING   60 s, good          -                               USABLE
 *             failed, failed 60   -                               BARRED
 *             restart             -                               STALE*
 *   STALE     found               -                               USABLE
 *             failed 60           -                               STALE*
 *   STALE*    found               -                               WAITING
 *             60 s                -                               STALE
 *   STALE,    next                look up (a new round)           -
 *   STALE*
 *   ASKED,    next                over                            -
 *   FAILED,
 *   BARRED,
 *   WAITING
 *
 * USABLE: to be tried; FAILED: not again in this round; BARRED: nor before the
 * Retry-After, WAITING: the same in a new round; STALE, STALE*: of the round
 * before, its name has not been looked up again: it may be its address no
 * more.  good: there is a registration.  Any other pair: nothing.
 */
#include <errno.h>
#include <string.h>
#include "ue/ue_addr.h"
#include "ue/ims/pcscf.h"
#include "ue/ims/text.h"

#define PORT_DEFAULT 5060       /* RFC 3261 s19.1.2 */


/* ------------------------------------------------------------------ */
/* Text */


static int decode_port(uint16_t *port, const char *text)
{
	uint32_t v = 0;
	unsigned n;

	for (n = 0; text[n]; n++) {
		if (n == 5 || text[n] < '0' || text[n] > '9')
			return EINVAL;
		v = v * 10 + (uint32_t)(text[n] - '0');
	}

	if (!n || !v || v > UINT16_MAX)
		return EINVAL;

	*port = (uint16_t)v;

	return 0;
}


static bool is_name(const struct pl *pl)
{
	size_t i;

	for (i = 0; i < pl->l; i++) {

		const char c = pl->p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '.' || c == '-'))
			return false;
	}

	return pl->l > 0;
}


int ims_pcscf_decode(struct ue_addr *addr, const char *text)
{
	struct pl name = ims_pl(text);
	struct ue_addr a;
	const char *colon;
	uint16_t port = 0;

	/* an IPv6 address without brackets has no port */
	if (!ue_addr_decode(&a, &name)) {
		a.port = PORT_DEFAULT;
		*addr = a;
		return 0;
	}

	colon = strrchr(text, ':');
	if (colon) {
		if (decode_port(&port, colon + 1))
			return EINVAL;
		name.l = (size_t)(colon - text);
	}

	if (!ue_addr_decode(&a, &name)) {
		/* `v6:port` would be ambiguous */
		if (a.family == 6 && name.p[0] != '[')
			return EINVAL;
		a.port = port ? port : PORT_DEFAULT;
	}
	else {
		if (!is_name(&name))
			return EINVAL;
		memset(&a, 0, sizeof(a));
		a.port = port;
	}

	*addr = a;

	return 0;
}


/* ------------------------------------------------------------------ */
/* The list */


void ims_pcscfs_init(struct ims_pcscfs *ps, const char *const *namev)
{
	memset(ps, 0, sizeof(*ps));
	ps->namev   = namev;
	ps->current = -1;
}


void ims_pcscfs_restart(struct ims_pcscfs *ps)
{
	unsigned i;

	/* those of names are found again, or are not the name's any more */
	for (i = 0; i < ps->count; i++)
		ps->v[i].tried = ps->v[i].stale = true;

	ps->next_name = 0;
}


static bool usable(const struct ims_pcscf *p, uint64_t now_ms)
{
	return !p->tried && p->not_before_ms <= now_ms;
}


/* First usable one behind `from`, in a circle, so that the next is the one
   after that which failed */
static int8_t find(const struct ims_pcscfs *ps, uint64_t now_ms)
{
	unsigned i;

	for (i = 0; i < ps->count; i++) {

		const unsigned k = ((unsigned)(ps->current + 1) + i) %
			ps->count;

		if (usable(&ps->v[k], now_ms))
			return (int8_t)k;
	}

	return -1;
}


/* Entries that are addresses need no look-up, up to the first name.  So what
   is left in the list is always worth another attempt */
static void take_addresses(struct ims_pcscfs *ps)
{
	const char *text;

	while ((text = ps->namev[ps->next_name]) != NULL) {

		struct ue_addr addr;

		if (ims_pcscf_decode(&addr, text)) {
			++ps->next_name;
			continue;
		}

		if (!addr.family)
			break;

		ims_pcscfs_add(ps, &addr, (enum ue_transport)0);
		++ps->next_name;
	}
}


int ims_pcscfs_next(struct ims_pcscfs *ps, uint64_t now_ms,
		    const char **name)
{
	int8_t i;

	take_addresses(ps);

	i = find(ps, now_ms);
	if (i < 0) {
		if (!ps->namev[ps->next_name])
			return ENOENT;

		*name = ps->namev[ps->next_name++];
		return EAGAIN;
	}

	ps->current = i;

	return 0;
}


bool ims_pcscfs_more(const struct ims_pcscfs *ps, uint64_t now_ms)
{
	return find(ps, now_ms) >= 0 || ps->namev[ps->next_name];
}


void ims_pcscfs_add(struct ims_pcscfs *ps, const struct ue_addr *addr,
		    enum ue_transport transport)
{
	struct ims_pcscf *p = NULL;
	unsigned i;

	for (i = 0; i < ps->count; i++) {

		p = &ps->v[i];
		if (!ue_addr_equal(&p->addr, addr) ||
		    p->transport != transport)
			continue;

		if (p->stale)
			p->tried = p->stale = false;
		return;
	}
	p = NULL;

	if (ps->count < UE_PCSCF_MAX) {
		p = &ps->v[ps->count++];
	}
	else {
		for (i = 0; i < ps->count && !p; i++) {
			if (ps->v[i].tried && (int8_t)i != ps->current)
				p = &ps->v[i];
		}
	}

	if (!p)
		return;

	memset(p, 0, sizeof(*p));
	p->addr = *addr;
	p->transport = (uint8_t)transport;
}


void ims_pcscfs_failed(struct ims_pcscfs *ps, uint64_t now_ms,
		       uint64_t retry_after_ms)
{
	struct ims_pcscf *p;

	if (ps->current < 0)
		return;

	p = &ps->v[ps->current];
	p->tried = true;
	if (retry_after_ms)
		p->not_before_ms = now_ms + retry_after_ms;
}


void ims_pcscfs_good(struct ims_pcscfs *ps)
{
	unsigned i;

	/* others that were not found again are not to be tried, either */
	for (i = 0; i < ps->count; i++) {
		if (!ps->v[i].stale || (int8_t)i == ps->current)
			ps->v[i].tried = ps->v[i].stale = false;
	}

	if (ps->current >= 0)
		ps->v[ps->current].not_before_ms = 0;
}


uint64_t ims_pcscfs_wait_ms(const struct ims_pcscfs *ps, uint64_t now_ms)
{
	uint64_t wait = UINT64_MAX;
	unsigned i;

	for (i = 0; i < ps->count; i++) {

		const uint64_t t = ps->v[i].not_before_ms;
		const uint64_t w = t > now_ms ? t - now_ms : 0;

		if (w < wait)
			wait = w;
	}

	return ps->count ? wait : 0;
}
