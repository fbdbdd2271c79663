/*
 * Proof: lines of a modem (ports/common/usim_at.c)
 *
 * Octets of a modem of any number and contents, in pieces of any length: what
 * is kept of them lies in the line, nothing behind the zero of a line is read,
 * octets in hexadecimal lie within the answer, no number is more than it may
 * be, and a command of the card has room in one for the modem.  Loops are
 * proved by induction, so there is no bound.  Not here: which state it is in,
 * which a table is for.
 *
 * prove: number --unsigned-overflow-check
 * bug: number: ports/common/usim_at.c s/if (v > max)/if (0)/
 * bug: number: ports/common/usim_at.c s/while (.p >= '0' && /while (/
 * prove: octets
 * bug: octets: ports/common/usim_at.c s/p, 2 . USIM_ANSWER_MAX)/p, 2 * USIM_ANSWER_MAX + 2)/
 * bug: octets: ports/common/usim_at.c s/if (v < 0)/if (0)/
 * prove: usim_at_recv
 * bug: usim_at_recv: ports/common/usim_at.c s/sizeof(at->line) - 1)/sizeof(at->line) + 1)/
 * bug: usim_at_recv: ports/common/usim_at.c s/line_len && .*(at->line)/line_len/
 * prove: hex
 * bug: hex: ports/common/usim_at.c s/2 . i + 1/2 * i + 2/
 * prove: send_octets
 * bug: send_octets: ports/common/usim_at.c s/cmd.USIM_AT_COMMAND_MAX.;/cmd[121];/
 * source: ue/ue_hex.c
 * assumed: line hands a line that is checked here to what usim_apdu and usim_file prove
 * assumed: send_line copies a command of constant length; its room is tested
 */
#include "test/proof/sip.h"

/** The zero at the end of a line */
static const char *last;

#define TEXT(p) (__CPROVER_same_object(p, last) && PLACE(p) <= PLACE(last))

#define LOOP_number_1 CHANGES(p, v) \
	INVARIANT(TEXT(p) && PLACE(p) >= PLACE(start) && v <= max) \
	__CPROVER_decreases(PLACE(last) - PLACE(p))
#define LOOP_octets_1 CHANGES(n, p, \
		__CPROVER_object_upto(at->ans, sizeof(at->ans))) \
	INVARIANT(TEXT(p) && n <= count / 2) __CPROVER_decreases(count / 2 - n)
/* no more of the modem than the line: CBMC would ask for the whole of it */
#define LOOP_usim_at_recv_1 CHANGES(i, at->line_len, \
		__CPROVER_object_upto(at->line, sizeof(at->line))) \
	INVARIANT(i <= len && at->line_len <= sizeof(at->line)) \
	__CPROVER_decreases(len - i)
#define LOOP_hex_1 CHANGES(i, __CPROVER_object_whole(dst)) \
	INVARIANT(i <= len) __CPROVER_decreases(len - i)

#include "ports/common/usim_at.c"

/** The longest head of a command, see exchange() */
enum { HEAD_MAX = 39 };

static struct usim_at modem;


void mbedtls_platform_zeroize(void *buf, size_t len)
{
	ASSERT(__CPROVER_w_ok(buf, len));
}


/** A text with a zero at its end, and maybe before */
static const char *any_string(void)
{
	const char *end, *p = any_text(&end);

	ASSUME(p != end);
	last = end - 1;
	ASSUME(*last == '\0');

	return p;
}


/* ------------------------------------------------------------------ */
/* Contracts of others */

size_t strlen(const char *s)
{
	const size_t n = nondet_size();

	(void)s;
	ASSUME(n <= HEAD_MAX);

	return n;
}


size_t strspn(const char *s, const char *accept)
{
	const size_t n = nondet_size();

	(void)accept;
	ASSERT(TEXT(s));
	ASSUME(n <= PLACE(last) - PLACE(s));

	return n;
}


int strcmp(const char *a, const char *b)
{
	ASSERT(TEXT(a) && readable(b, 1));

	return nondet_int();
}


void *memcpy(void *dst, const void *src, size_t n)
{
	ASSERT(readable(src, n) && (n == 0 || __CPROVER_w_ok(dst, n)));

	return dst;
}


/* ------------------------------------------------------------------ */
/* Lines */

const char *number_contract(unsigned *n, const char *p, unsigned max)
{
	ASSERT(TEXT(p));
	*n = nondet_u32();
	ASSUME(*n <= max);

	return maybe_behind(p, last);
}


void prove_number(void)
{
	const char *p = any_string(), *q;
	const unsigned max = nondet_u16();
	unsigned n;

	q = number(&n, p, max);
	ASSERT(!q || (TEXT(q) && q != p && n <= max));
}


void prove_octets(void)
{
	const char *p = any_string();

	modem.ans_len = 0;
	octets(&modem, p);
	ASSERT(modem.ans_len <= sizeof(modem.ans));
}


void line_contract(struct usim_at *at, const char *p)
{
	ASSERT(p == at->line);
	/* behind the line there is its length, which may be written: is the
	   zero in the line? */
	ASSERT(__CPROVER_exists {
		size_t k;
		k < USIM_AT_LINE_MAX && at->line[k] == 0
	});
	at->line_len = nondet_size();
	ASSUME(at->line_len <= sizeof(at->line));
}


void prove_usim_at_recv(void)
{
	const char *end, *p = any_text(&end);

	modem.line_len = nondet_size();
	ASSUME(modem.line_len <= sizeof(modem.line));
	usim_at_recv(&modem, p, (size_t)(end - p));
	ASSERT(modem.line_len <= sizeof(modem.line));
}


/* ------------------------------------------------------------------ */
/* Commands */

size_t hex_contract(char *dst, const uint8_t *data, size_t len)
{
	ASSERT(readable(data, len) &&
	       (len == 0 || __CPROVER_w_ok(dst, 2 * len)));

	return 2 * len;
}


void prove_hex(void)
{
	const size_t len = nondet_u16();

	ASSERT(hex(any_octets(2 * len), any_octets(len), len) == 2 * len);
}


void send_line_contract(struct usim_at *at, unsigned next, const char *cmd,
			size_t len)
{
	(void)at;
	(void)next;
	ASSERT(readable(cmd, len));
}


void prove_send_octets(void)
{
	const size_t len = nondet_size();
	const char head[HEAD_MAX + 1];

	ASSUME(len <= USIM_COMMAND_MAX);
	send_octets(&modem, EXCHANGE, head, any_octets(len), len);
}
