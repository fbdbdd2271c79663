/*
 * Proof: hosts, ports, IPv4 and IPv6 addresses (ue/sip/host.c)
 *
 * On a text of any length and contents, in memory of exactly that size: no
 * scanner reads at or behind its end, what it says is a place in the text or
 * NULL, and the host lies in it.  An IPv6 address of any text is written
 * within its 16 octets; an accepted one has eight groups, or fewer and a gap.
 * Loops are proved by induction and calls by contracts, so there is no bound.
 * Not here: whether it is the right address, which unit tests are for.
 *
 * source: ue/ue_hex.c
 * prove: ipv4
 * bug: ipv4: ue/sip/host.c s/p == end || .q++ != '.'/*q++ != '.'/
 * bug: ipv4: ue/sip/host.c s/addr.i. = /addr[i + 1] = /
 * prove: h16
 * bug: h16: ue/sip/host.c s/end - p > 5 ?/end - p > 3 ?/
 * bug: h16: ue/sip/host.c s/p - start > 4/p - start > 5/
 * prove: v6_tail
 * bug: v6_tail: ue/sip/host.c s/v->octets > 12/v->octets > 13/
 * prove: v6_gap
 * bug: v6_gap: ue/sip/host.c s/if (p < end && .p == ':' && ipv4/if (*p == ':' \&\& ipv4/
 * bug: v6_gap: ue/sip/host.c s/v->gap != 16 || v->octets > 14/v->gap != 16/
 * prove: v6_group
 * bug: v6_group: ue/sip/host.c s/ || v->octets > 14)/)/
 * bug: v6_group: ue/sip/host.c s/q && q < end && .q == '.'/q \&\& *q == '.'/
 * prove: v6_read
 * bug: v6_read: ue/sip/host.c s/end - p >= 2 && //
 * bug: v6_read: ue/sip/host.c s/if (p == end || ue_hex/if (ue_hex/
 * bug: v6_read: ue/sip/host.c s/v->octets != 16 : v->octets > 14/v->octets != 16 : 0/
 * prove: sip_ipv6
 * bug: sip_ipv6: ue/sip/host.c s/v = {NULL, 0, 16/v = {NULL, 17, 16/
 * prove: sip_ipv6_bytes
 * bug: sip_ipv6_bytes: ue/sip/host.c s/if (v.gap == 16)/if (0)/
 * bug: sip_ipv6_bytes: ue/sip/host.c s/memmove(addr + 16 - /memmove(addr + 17 - /
 * prove: hostname
 * bug: hostname: ue/sip/host.c s/if (p == end || !is_alnum(.p))/if (!is_alnum(*p))/
 * bug: hostname: ue/sip/host.c s/if (p == end || .p != '.')/if (*p != '.')/
 * prove: sip_host
 * bug: sip_host: ue/sip/host.c s/if (!q || q == end ||/if (!q ||/
 * prove: sip_hostport --conversion-check
 * bug: sip_hostport: ue/sip/host.c s/ || v > 65535//
 * bug: sip_hostport: ue/sip/host.c s/if (p < end && .p == ':') {/if (*p == ':') {/
 */
#define PROVED_HOST
#include "test/proof/sip.h"

#define LOOP_ipv4_1 CHANGES(i, p, out) \
	INVARIANT(i <= 4 && FORWARD(p, end) && \
		  (!i || PLACE(p) > PLACE(__CPROVER_loop_entry(p)))) \
	__CPROVER_decreases(4 - i)
#define LOOP_h16_1 CHANGES(p, n, d) \
	INVARIANT(FORWARD(p, stop) && n >> 4 * (PLACE(p) - PLACE(start)) == 0) \
	__CPROVER_decreases(PLACE(stop) - PLACE(p))
#define LOOP_v6_read_1 CHANGES(p, first, *v, out) \
	INVARIANT(FORWARD(p, end) && is_state(v) && \
		  (first ? !v->tail : \
		   PLACE(p) > PLACE(__CPROVER_loop_entry(p)))) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define LOOP_hostname_1 CHANGES(p, top) \
	INVARIANT(FORWARD(p, end) && \
		  (!top || PLACE(p) > PLACE(__CPROVER_loop_entry(p)))) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))

/** Where an address is written */
static uint8_t out[16];

/** Is the gap in what was read? */
#define GAP(v) ((v)->gap == 16 || (v)->gap <= (v)->octets)
#define is_state(v) ((v)->octets <= 16 && GAP(v) && \
		     (!(v)->addr || (v)->addr == out))

#include "ue/sip/host.c"

#define MAYBE(q) ASSERT(!(q) || is_place(q, p, end))
#define BEHIND(q) ASSERT(!(q) || (is_place(q, p, end) && (q) != p))

struct v6 nondet_v6(void);


const char *ipv4_contract(uint8_t addr[4], const char *p, const char *end)
{
	ASSERT(!addr || __CPROVER_w_ok(addr, 4));

	return maybe_behind(p, end);
}


void prove_ipv4(void)
{
	const char *end, *p = any_text(&end), *q;

	q = ipv4(nondet_bool() ? out + 12 : NULL, p, end);
	BEHIND(q);
}


const char *h16_contract(unsigned *v, const char *p, const char *end)
{
	*v = nondet_u16();

	return maybe_place(p, end);
}


void prove_h16(void)
{
	const char *end, *p = any_text(&end), *q;
	unsigned v;

	q = h16(&v, p, end);
	MAYBE(q);
	ASSERT(!q || v <= 0xffff);
}


/** Of which not all is read */
static struct v6 any_v6(void)
{
	struct v6 v = nondet_v6();

	v.addr = nondet_bool() ? out : NULL;
	v.tail = false;
	ASSUME(is_state(&v));

	return v;
}


/** Reads n octets of the address, or fails */
static const char *reads(struct v6 *v, const char *p, const char *end,
			 unsigned n)
{
	ASSERT(is_state(v) && !v->tail);
	if (v->octets > 16 - n)
		return NULL;
	v->octets += n;
	v->tail = n == 4;

	return maybe_behind(p, end);
}


const char *v6_tail_contract(struct v6 *v, const char *p, const char *end)
{
	return reads(v, p, end, 4);
}


void prove_v6_tail(void)
{
	const char *end, *p = any_text(&end), *q;
	struct v6 v = any_v6(), before = v;

	q = v6_tail(&v, p, end);
	BEHIND(q);
	ASSERT(is_state(&v) && (!q || v.octets == before.octets + 4));
	ASSERT(!q || v.tail);
}


/** p is at two colons */
const char *v6_gap_contract(struct v6 *v, const char *p, const char *end)
{
	const char *q = maybe_behind(p, end);

	ASSERT(is_state(v) && end - p >= 2);
	ASSUME(!q || q - p >= 2);
	if (q) {
		v->gap = v->octets;
		ASSUME(v->gap < 16);
	}

	return q;
}


void prove_v6_gap(void)
{
	const char *end, *p = any_text(&end), *q;
	struct v6 v = any_v6();

	ASSUME(end - p >= 2);
	q = v6_gap(&v, p, end);
	BEHIND(q);
	ASSERT(is_state(&v) && (!q || v.gap < 16));
}


const char *v6_group_contract(struct v6 *v, const char *p, const char *end)
{
	return reads(v, p, end, nondet_bool() ? 4 : 2);
}


void prove_v6_group(void)
{
	const char *end, *p = any_text(&end), *q;
	struct v6 v = any_v6(), before = v;

	q = v6_group(&v, p, end);
	BEHIND(q);
	ASSERT(is_state(&v));
	ASSERT(!q || v.octets == before.octets + (v.tail ? 4 : 2));
}


const char *v6_read_contract(struct v6 *v, const char *p, const char *end)
{
	uint8_t *addr = v->addr;

	ASSERT(is_state(v) && !v->tail);
	*v = nondet_v6();
	v->addr = addr;
	ASSUME(is_state(v));

	return maybe_behind(p, end);
}


void prove_v6_read(void)
{
	const char *end, *p = any_text(&end), *q;
	struct v6 v = {nondet_bool() ? out : NULL, 0, 16, false};

	q = v6_read(&v, p, end);
	BEHIND(q);
	ASSERT(is_state(&v));
	/* complete: with a gap for at least one group, or without */
	ASSERT(!q || (v.gap == 16 ? v.octets == 16 : v.octets <= 14));
}


void prove_sip_ipv6(void)
{
	const char *end, *p = any_text(&end), *q = sip_ipv6(p, end);

	BEHIND(q);
}


void prove_sip_ipv6_bytes(void)
{
	const char *end, *p = any_text(&end);
	const struct pl host = {p, (size_t)(end - p)};

	sip_ipv6_bytes(out, &host);
}


const char *hostname_contract(const char *p, const char *end)
{
	return maybe_behind(p, end);
}


void prove_hostname(void)
{
	const char *end, *p = any_text(&end), *q = hostname(p, end);

	BEHIND(q);
}


void prove_sip_host(void)
{
	const char *end, *p = any_text(&end), *q;
	struct pl host = {NULL, 0};
	uint8_t type;

	q = sip_host(&host, &type, p, end);
	BEHIND(q);
	ASSERT(q ? is_part(&host, p, q) : !host.p);
}


void prove_sip_hostport(void)
{
	const char *end, *p = any_text(&end), *q;
	struct pl host = {NULL, 0};
	uint16_t port;
	uint8_t type;

	q = sip_hostport(&host, &type, &port, p, end);
	BEHIND(q);
	ASSERT(q ? is_part(&host, p, q) : is_maybe_part(&host, p, end));
}
