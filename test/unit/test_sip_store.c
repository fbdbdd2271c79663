/**
 * @file test_sip_store.c  Records that move together
 */
#include <errno.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/sip/store.h"

/** The longest record: what is left besides its head */
#define ALL ((size_t)UE_SIP_STORE - 4)

static struct sip_store st;
static struct sip_stored mv[UE_SIP_RECORDS + 1];
static char in[ALL + 1], out[ALL + 1];


static void begin(void)
{
	size_t i;

	sip_store_init(&st);
	memset(mv, 0, sizeof(mv));
	for (i = 0; i < sizeof(in); i++)
		in[i] = (char)(i * 7 + i / 251);
}


static bool holds(const struct sip_stored *m, const char *data, size_t len)
{
	return m->len == len &&
		sip_store_get(out, sizeof(out), &st, m) == len &&
		!memcmp(out, data, len) &&
		!memcmp(sip_store_ptr(&st, m), data, len);
}


static bool is_wiped(void)
{
	const char *p = (const char *)st.mem;
	size_t i;

	for (i = st.end; i < sizeof(st.mem) - SIP_STORE_PAGE * st.pages; i++) {
		if (p[i])
			return false;
	}

	return true;
}


static void every_length(void)
{
	size_t len;

	begin();
	for (len = 1; len <= 300; len++) {
		CHECK_EQ(sip_store_put(&mv[0], &st, in, len), 0);
		CHECK_EQ(st.used, (len + 3) / 4 * 4 + 4);
		CHECK(holds(&mv[0], in, len));
	}

	CHECK_EQ(sip_store_put(&mv[0], &st, in, ALL), 0);
	CHECK(holds(&mv[0], in, ALL));
	sip_store_free(&st, &mv[0]);
	CHECK_EQ(st.used, 0);
	CHECK_EQ(st.peak, UE_SIP_STORE);
	CHECK(is_wiped());
}


static void full(void)
{
	unsigned i;

	/* numbers */
	begin();
	for (i = 0; i < UE_SIP_RECORDS; i++)
		CHECK_EQ(sip_store_put(&mv[i], &st, in + i, 1), 0);
	CHECK_EQ(sip_store_put(&mv[i], &st, in, 1), ENOMEM);
	CHECK_EQ(mv[i].head, 0);
	CHECK_EQ(st.failed, 1);
	for (i = 0; i < UE_SIP_RECORDS; i++)
		CHECK(holds(&mv[i], in + i, 1));

	/* octets: all or nothing */
	begin();
	CHECK_EQ(sip_store_put(&mv[0], &st, in, ALL - 8), 0);
	CHECK_EQ(sip_store_put(&mv[1], &st, in, 5), ENOMEM);
	CHECK_EQ(sip_store_put(&mv[1], &st, in, 4), 0);
	CHECK_EQ(sip_store_put(&mv[2], &st, in, 1), ENOMEM);
	CHECK(holds(&mv[0], in, ALL - 8));
	sip_store_free(&st, &mv[0]);
	CHECK(holds(&mv[1], in, 4));
	CHECK_EQ(sip_store_put(&mv[0], &st, in, ALL - 8), 0);
}


static void moves(void)
{
	const size_t third = (UE_SIP_STORE / 3 & ~3U) - 4;

	/* what lives moves down over what does not */
	begin();
	CHECK_EQ(sip_store_put(&mv[0], &st, in, third), 0);
	CHECK_EQ(sip_store_put(&mv[1], &st, in + 1, third), 0);
	CHECK_EQ(sip_store_put(&mv[2], &st, in + 2, third), 0);
	sip_store_free(&st, &mv[0]);
	sip_store_free(&st, &mv[2]);
	CHECK(sip_store_fits(&st, 2 * third + 4, NULL, NULL));
	CHECK(!sip_store_fits(&st, 2 * third + 40, NULL, NULL));
	CHECK(sip_store_fits(&st, 3 * third, &mv[1], NULL));
	CHECK_EQ(sip_store_put(&mv[3], &st, in + 3, 2 * third + 4), 0);
	CHECK(holds(&mv[1], in + 1, third));
	CHECK(holds(&mv[3], in + 3, 2 * third + 4));
	sip_store_free(&st, &mv[1]);
	sip_store_free(&st, &mv[3]);
	CHECK(is_wiped());
}


/* Numbers from a seed, always the same */
static unsigned next(void)
{
	static unsigned x = 1;

	x = x * 1103515245 + 12345;

	return x >> 16;
}


static void random_life(void)
{
	static const char *whatv[16];
	unsigned i, round;

	begin();
	for (round = 0; round < 20000; round++) {

		const unsigned n = next() % 16;
		const size_t len = next() % 900 + 1;
		const char *what = in + next() % 100;

		switch (next() % 6) {

		case 0:
			sip_store_free(&st, &mv[n]);
			break;

		case 1:
			if (!mv[n].head || mv[n].len > 2000)
				break;
			if (sip_store_append(&mv[n], &st, whatv[n] + mv[n].len,
					     len))
				break;
			break;

		case 2:
			if (mv[n].len < 4)
				break;
			sip_store_trim(&mv[n], &st, 2, mv[n].len - 3U);
			whatv[n] += 2;
			break;

		default:
			whatv[n] = what;
			(void)sip_store_put(&mv[n], &st, what, len);
			break;
		}

		for (i = 0; i < 16; i++) {
			if (mv[i].head && !holds(&mv[i], whatv[i], mv[i].len))
				CHECK_EQ(round, UINT32_MAX);
			if (whatv[i] > in + 1000)
				sip_store_free(&st, &mv[i]);
		}
		if (!is_wiped())
			CHECK_EQ(round, UINT32_MAX);
	}

	CHECK(st.failed > 0);
	for (i = 0; i < 16; i++)
		sip_store_free(&st, &mv[i]);
	CHECK_EQ(st.used, 0);
	CHECK_EQ(st.end, 0);
}


static void pinned(void)
{
	const char *p;

	begin();
	CHECK_EQ(sip_store_put(&mv[0], &st, in, 1000), 0);
	CHECK_EQ(sip_store_put(&mv[1], &st, in + 1, 1000), 0);
	CHECK_EQ(sip_store_put(&mv[2], &st, in + 2, 1000), 0);
	sip_store_pin(&st, &mv[1], true);
	p = sip_store_ptr(&st, &mv[1]);
	sip_store_free(&st, &mv[0]);
	CHECK_EQ(sip_store_alloc_most(&mv[3], &st, 1, UE_SIP_STORE), 0);
	CHECK(sip_store_ptr(&st, &mv[1]) == p);
	CHECK(holds(&mv[1], in + 1, 1000));
	CHECK(holds(&mv[2], in + 2, 1000));
	CHECK_EQ(mv[3].len, ALL - 3 * 1004);
	memset(sip_store_ptr(&st, &mv[3]), 'x', mv[3].len);

	/* the room in front of it is for small ones */
	CHECK(!sip_store_fits(&st, 1001, NULL, NULL));
	CHECK_EQ(sip_store_put(&mv[4], &st, in, 1001), ENOMEM);
	CHECK_EQ(sip_store_put(&mv[4], &st, in + 4, 100), 0);
	CHECK_EQ(sip_store_put(&mv[5], &st, in + 5, 200), 0);
	CHECK_EQ(sip_store_put(&mv[6], &st, in + 6, 688), 0);
	CHECK_EQ(sip_store_put(&mv[7], &st, in, 1), ENOMEM);
	sip_store_free(&st, &mv[4]);
	CHECK(!sip_store_fits(&st, 300, NULL, NULL));
	CHECK(sip_store_fits(&st, 300, &mv[5], NULL));
	CHECK(holds(&mv[5], in + 5, 200));
	CHECK(holds(&mv[6], in + 6, 688));

	sip_store_pin(&st, &mv[1], false);
	CHECK_EQ(sip_store_put(&mv[4], &st, in, 100), 0);
	CHECK(holds(&mv[1], in + 1, 1000));
	CHECK(holds(&mv[2], in + 2, 1000));
	CHECK(sip_store_ptr(&st, &mv[1]) != p);
	CHECK_EQ(mv[3].len, ALL - 3 * 1004);
	CHECK_EQ(sip_store_ptr(&st, &mv[3])[mv[3].len - 1], 'x');
}


static void grows(void)
{
	size_t i;

	/* the last one where it is, octet by octet */
	begin();
	CHECK_EQ(sip_store_put(&mv[0], &st, in, 10), 0);
	for (i = 0; i < 100; i++)
		CHECK_EQ(sip_store_append(&mv[1], &st, in + i, 1), 0);
	CHECK(holds(&mv[1], in, 100));
	CHECK_EQ(st.used, 16 + 104);

	/* another one moves to the end */
	CHECK_EQ(sip_store_append(&mv[0], &st, in + 10, 200), 0);
	CHECK(holds(&mv[0], in, 210));
	CHECK(holds(&mv[1], in, 100));

	/* no room: as it was */
	CHECK_EQ(sip_store_append(&mv[1], &st, in, ALL), ENOMEM);
	CHECK(holds(&mv[1], in, 100));

	/* what was read goes from its begin */
	sip_store_trim(&mv[0], &st, 200, 10);
	CHECK(holds(&mv[0], in + 200, 10));
	CHECK_EQ(st.used, 16 + 104);
	sip_store_trim(&mv[0], &st, 10, 0);
	CHECK_EQ(mv[0].head, 0);
}


static bool give_up(void *arg)
{
	unsigned *n = arg;

	if (*n == 2)
		return false;
	sip_store_free(&st, &mv[(*n)++]);

	return true;
}


static void gives_up(void)
{
	unsigned n = 0;

	begin();
	st.evict = give_up;
	st.arg = &n;
	CHECK_EQ(sip_store_put(&mv[0], &st, in, 1000), 0);
	CHECK_EQ(sip_store_put(&mv[1], &st, in, 1000), 0);
	CHECK_EQ(sip_store_put(&mv[2], &st, in, ALL - 800), 0);
	CHECK_EQ(n, 2);
	CHECK_EQ(sip_store_put(&mv[3], &st, in, 1300), ENOMEM);
	CHECK(holds(&mv[2], in, ALL - 800));

	/* room that must stay */
	CHECK_EQ(sip_store_alloc(&mv[3], &st, 500, 300), ENOMEM);
	CHECK_EQ(sip_store_alloc(&mv[3], &st, 500, 200), 0);
}


static void pages(void)
{
	uint8_t pagev[UE_SIP_STORE / SIP_STORE_PAGE] = {0}, more = 0;
	const char *p;
	unsigned n = 0;

	/* down to the records, which make room as for one of their own */
	begin();
	CHECK_EQ(sip_store_put(&mv[0], &st, in, 996), 0);
	CHECK_EQ(sip_store_put(&mv[1], &st, in + 1, 996), 0);
	sip_store_free(&st, &mv[0]);
	while (!sip_store_page_alloc(&pagev[n], &st, 1000)) {
		p = sip_store_page(&st, pagev[n]);
		CHECK(!p[0] && !memcmp(p, p + 1, SIP_STORE_PAGE - 1));
		memset(sip_store_page(&st, pagev[n++]), 'p', SIP_STORE_PAGE);
	}
	CHECK_EQ(n, (UE_SIP_STORE - 2000) / SIP_STORE_PAGE);
	CHECK(holds(&mv[1], in + 1, 996));
	CHECK_EQ(sip_store_used(&st), 1000 + n * SIP_STORE_PAGE);

	/* 1000 octets were left for records */
	CHECK_EQ(sip_store_put(&mv[0], &st, in, 990), 0);
	CHECK_EQ(sip_store_put(&mv[2], &st, in, SIP_STORE_PAGE), ENOMEM);

	/* a page does not move; where one was is room for another, and for
	   records when it was the last */
	p = sip_store_page(&st, pagev[1]);
	sip_store_page_free(&st, pagev[0]);
	CHECK_EQ(sip_store_put(&mv[2], &st, in, SIP_STORE_PAGE), ENOMEM);
	CHECK_EQ(p[SIP_STORE_PAGE - 1], 'p');
	CHECK_EQ(sip_store_page_alloc(&more, &st, 5000), 0);
	CHECK_EQ(more, pagev[0]);
	sip_store_page_free(&st, pagev[n - 2]);
	sip_store_page_free(&st, pagev[n - 1]);
	CHECK_EQ(sip_store_put(&mv[2], &st, in, SIP_STORE_PAGE), 0);
	CHECK(holds(&mv[1], in + 1, 996));

	sip_store_page_free(&st, more);
	while (n-- > 2)
		sip_store_page_free(&st, n - 1 ? pagev[n - 1] : 0);
	CHECK_EQ(st.pages, 0);
	for (n = 0; n < 3; n++)
		sip_store_free(&st, &mv[n]);
	CHECK_EQ(sip_store_used(&st), 0);
	CHECK(is_wiped());
}


static void refused(void)
{
	begin();
	CHECK_EQ(sip_store_put(&mv[0], &st, in, 0), ENOMEM);
	CHECK_EQ(sip_store_put(&mv[0], &st, in, 65536), ENOMEM);
	CHECK_EQ(sip_store_get(out, sizeof(out), &st, &mv[0]), 0);
	CHECK(!sip_store_ptr(&st, &mv[0]));
	CHECK_EQ(sip_store_put(&mv[0], &st, in, 10), 0);
	CHECK_EQ(sip_store_get(out, 9, &st, &mv[0]), 0);
	sip_store_free(&st, &mv[0]);
	sip_store_free(&st, &mv[0]);
	CHECK_EQ(st.used, 0);
}


static void lines(void)
{
	static const char text[] = "first\r\nsecond is longer\r\n\r\nrest";
	struct sip_store_reader r;
	size_t n;

	begin();
	CHECK_EQ(sip_store_put(&mv[0], &st, text, sizeof(text) - 1), 0);
	sip_store_reader_init(&r, &st, &mv[0]);
	n = sip_store_line(out, sizeof(out), &r);
	CHECK_MEM(out, n, "first\r\n", 7);
	n = sip_store_line(out, sizeof(out), &r);
	CHECK_MEM(out, n, "second is longer\r\n", 18);
	n = sip_store_line(out, sizeof(out), &r);
	CHECK_MEM(out, n, "\r\n", 2);
	n = sip_store_line(out, sizeof(out), &r);
	CHECK_MEM(out, n, "rest", 4);
	CHECK_EQ(sip_store_line(out, sizeof(out), &r), 0);

	/* no part of a line, and nothing after it */
	sip_store_reader_init(&r, &st, &mv[0]);
	CHECK_EQ(sip_store_line(out, 6, &r), 0);
	CHECK_EQ(sip_store_line(out, sizeof(out), &r), 0);

	sip_store_reader_init(&r, &st, &mv[1]);
	CHECK_EQ(sip_store_line(out, sizeof(out), &r), 0);
}


const struct test_case suite_sip_store[] = {
	{"a record of every length comes out as it went in", every_length},
	{"a full store refuses, keeps what it has and works again", full},
	{"records move together: what fits once fits for ever", moves},
	{"records are what they were after any sequence, the rest is wiped",
	 random_life},
	{"a pinned record stays where it is", pinned},
	{"a record grows and is read from its begin", grows},
	{"what may be given up goes first, room is left", gives_up},
	{"pages come from the other end and never move", pages},
	{"what cannot be stored or read is refused", refused},
	{"lines are read one by one", lines},
	{NULL, NULL}
};
