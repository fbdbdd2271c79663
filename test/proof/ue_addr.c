/*
 * Proof: IP addresses as text (ue/ue_addr.c)
 *
 * A text of any length and contents, in memory of exactly that size: nothing
 * outside of it is read, an address of it is written within its octets, and an
 * accepted one has eight groups, or fewer and a gap.  Any address is printed
 * within UE_ADDR_STR octets.  The groups that are read are proved by induction,
 * the other loops unwound: they go over digits and over what is printed, of
 * which there is a fixed number at most.  Not here: whether it is the right
 * address, which unit tests are for.
 *
 * source: ue/ue_hex.c
 * unwind: 10
 * prove: decode_v4
 * bug: decode_v4: ue/ue_addr.c s/p == end || .p != '.'/*p != '.'/
 * bug: decode_v4: ue/ue_addr.c s/	for (; p != end && /	for (; /
 * prove: decode_group
 * bug: decode_group: ue/ue_addr.c s/p + n != end && //
 * bug: decode_group: ue/ue_addr.c s/if (n == 4)/if (n == 5)/
 * prove: expand
 * bug: expand: ue/ue_addr.c s/n > 14/n > 16/
 * bug: expand: ue/ue_addr.c s/ip + 16 - right/ip + 17 - right/
 * prove: decode_v6
 * bug: decode_v6: ue/ue_addr.c s/ || n >= 16)/)/
 * bug: decode_v6: ue/ue_addr.c s/n > 12 ||/n > 14 ||/
 * bug: decode_v6: ue/ue_addr.c s/q != end && .q == '.'/*q == '.'/
 * bug: decode_v6: ue/ue_addr.c s/ != ':' || p == end/ != ':'/
 * prove: ue_addr_decode
 * bug: ue_addr_decode: ue/ue_addr.c s/memchr(p, ':', len)/memchr(p, ':', len + 1)/
 * bug: ue_addr_decode: ue/ue_addr.c s/p + 1, len - 2/p + 1, len/
 * prove: put_dec
 * bug: put_dec: ue/ue_addr.c s/v && n < sizeof(digit)/v/
 * prove: put_group
 * bug: put_group: ue/ue_addr.c s/while (shift && /while (/
 * prove: put_v4
 * bug: put_v4: ue/ue_addr.c s/if (i)$/if (1)/
 * prove: longest_zeros
 * bug: longest_zeros: ue/ue_addr.c s/i + 1 - run/i + 2 - run/
 * prove: put_v6
 * bug: put_v6: ue/ue_addr.c s/if (i && !(zeros/if (!(zeros/
 * prove: ue_addr_print
 * bug: ue_addr_print: ue/ue_addr.c s/	.p = '.0';/	p[1] = 0;/
 */
#include "test/proof/pl.h"

#define LOOP_decode_group_1 CHANGES(n, v) \
	INVARIANT(n <= 4 && n <= PLACE(end) - PLACE(p)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p) - n)
/* each group has two octets, so that there is room for one while n < 16 */
#define LOOP_decode_v6_1 \
	CHANGES(p, n, gap, __CPROVER_object_whole(part)) \
	INVARIANT(FORWARD(p, end) && n <= 16 && n % 2 == 0 && \
		  gap >= -1 && gap <= (int)n) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))

#include "ue/ue_addr.c"

struct ue_addr nondet_ip(void);


/* ------------------------------------------------------------------ */
/* Reading */

int decode_v4_contract(uint8_t *ip, const char *p, size_t len)
{
	ASSERT(__CPROVER_w_ok(ip, 4) && readable(p, len));

	return nondet_bool() ? EBADMSG : 0;
}


void prove_decode_v4(void)
{
	const char *end, *p = any_text(&end);
	uint8_t ip[4];

	(void)decode_v4(ip, p, (size_t)(end - p));
}


unsigned decode_group_contract(uint8_t *ip, const char *p, const char *end)
{
	const unsigned n = nondet_u8();

	ASSERT(__CPROVER_w_ok(ip, 2) && within(p, end));
	ASSUME(n <= 4 && n <= PLACE(end) - PLACE(p));

	return n;
}


void prove_decode_group(void)
{
	const char *end, *p = any_text(&end);
	uint8_t ip[2];
	const unsigned n = decode_group(ip, p, end);

	ASSERT(n <= 4 && n <= (size_t)(end - p));
}


int expand_contract(uint8_t ip[16], const uint8_t *part, unsigned n, int gap)
{
	ASSERT(__CPROVER_w_ok(ip, 16) && readable(part, n));
	ASSERT(n <= 16 && gap >= -1 && gap <= (int)n);

	return nondet_bool() ? EBADMSG : 0;
}


void prove_expand(void)
{
	const unsigned n = nondet_u8();
	const int gap = nondet_int();
	uint8_t ip[16], part[18];

	ASSUME(n <= 16 && gap >= -1 && gap <= (int)n);
	if (!expand(ip, part, n, gap))
		ASSERT(gap < 0 ? n == 16 : n <= 14);
}


int decode_v6_contract(uint8_t ip[16], const char *p, size_t len)
{
	ASSERT(__CPROVER_w_ok(ip, 16) && readable(p, len));

	return nondet_bool() ? EBADMSG : 0;
}


void prove_decode_v6(void)
{
	const char *end, *p = any_text(&end);
	uint8_t ip[16];

	(void)decode_v6(ip, p, (size_t)(end - p));
}


void prove_ue_addr_decode(void)
{
	const char *end;
	struct pl text = any_pl(&end);
	struct ue_addr a;

	if (nondet_bool())
		text.p = NULL;
	if (!ue_addr_decode(&a, &text))
		ASSERT((a.family == 4 || a.family == 6) && !a.port);
}


/* ------------------------------------------------------------------ */
/* Printing: room for n octets, of which some are taken */

static char *up_to(char *p, size_t n)
{
	const size_t used = nondet_size();

	ASSERT(__CPROVER_w_ok(p, n));
	ASSUME(used <= n);

	return p + used;
}


char *put_dec_contract(char *p, unsigned v)
{
	return up_to(p, v <= 255 ? 3 : 5);
}


void prove_put_dec(void)
{
	const unsigned v = nondet_u32();
	char str[5], *q = put_dec(str, v);

	ASSERT(q > str && q <= str + (v <= 255 ? 3 : 5));
}


char *put_group_contract(char *p, unsigned v)
{
	ASSERT(v <= 0xffff);

	return up_to(p, 4);
}


void prove_put_group(void)
{
	char str[4], *q = put_group(str, nondet_u16());

	ASSERT(q > str && q <= str + 4);
}


char *put_v4_contract(char *p, const uint8_t *ip)
{
	ASSERT(readable(ip, 4));

	return up_to(p, 15);
}


void prove_put_v4(void)
{
	const struct ue_addr a = nondet_ip();
	char str[15], *q = put_v4(str, a.ip);

	ASSERT(q <= str + 15);
}


unsigned longest_zeros_contract(unsigned *len, const uint8_t *ip)
{
	const unsigned start = nondet_u8();

	ASSERT(readable(ip, 16));
	*len = nondet_u8();
	ASSUME(*len <= 8 && *len != 1 && start <= 8 - *len);

	return start;
}


void prove_longest_zeros(void)
{
	const struct ue_addr a = nondet_ip();
	unsigned len, start = longest_zeros(&len, a.ip);

	ASSERT(len <= 8 && len != 1 && start <= 8 - len);
}


char *put_v6_contract(char *p, const uint8_t *ip)
{
	ASSERT(readable(ip, 16));

	return up_to(p, 39);
}


void prove_put_v6(void)
{
	const struct ue_addr a = nondet_ip();
	char str[39], *q = put_v6(str, a.ip);

	ASSERT(q <= str + 39);
}


void prove_ue_addr_print(void)
{
	const struct ue_addr a = nondet_ip();
	char str[UE_ADDR_STR];

	(void)ue_addr_print(str, &a, (enum ue_addr_style)nondet_u8());
}
