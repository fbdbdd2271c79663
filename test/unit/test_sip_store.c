/**
 * @file test_sip_store.c  Messages in chains of blocks
 */
#include <errno.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/sip/store.h"

#define ALL ((size_t)UE_SIP_BLOCKS * UE_SIP_BLOCK_SIZE)

static struct sip_store st;
static struct sip_stored mv[UE_SIP_BLOCKS + 1];
static char in[ALL + 1], out[ALL + 1];


static void begin(void)
{
	size_t i;

	sip_store_init(&st);
	memset(mv, 0, sizeof(mv));
	for (i = 0; i < sizeof(in); i++)
		in[i] = (char)(i * 7 + i / 251);
}


static void every_length(void)
{
	size_t len;

	begin();
	for (len = 1; len <= 3 * UE_SIP_BLOCK_SIZE + 1; len++) {
		CHECK_EQ(sip_store_put(&mv[0], &st, in, len), 0);
		CHECK_EQ(st.used, (len + UE_SIP_BLOCK_SIZE - 1) /
			 UE_SIP_BLOCK_SIZE);
		CHECK_EQ(sip_store_get(out, sizeof(out), &st, &mv[0]), len);
		CHECK_MEM(out, len, in, len);
	}

	CHECK_EQ(sip_store_put(&mv[0], &st, in, ALL), 0);
	CHECK_EQ(sip_store_get(out, sizeof(out), &st, &mv[0]), ALL);
	CHECK_MEM(out, ALL, in, ALL);
	sip_store_free(&st, &mv[0]);
	CHECK_EQ(st.used, 0);
	CHECK_EQ(st.peak, UE_SIP_BLOCKS);
}


static void full(void)
{
	unsigned i;

	begin();
	for (i = 0; i < UE_SIP_BLOCKS; i++)
		CHECK_EQ(sip_store_put(&mv[i], &st, in + i, 1), 0);

	CHECK_EQ(sip_store_put(&mv[i], &st, in, 1), ENOMEM);
	CHECK_EQ(mv[i].head, 0);
	CHECK_EQ(st.failed, 1);

	/* all or nothing: two are needed, one is free */
	sip_store_free(&st, &mv[5]);
	CHECK_EQ(sip_store_put(&mv[5], &st, in, UE_SIP_BLOCK_SIZE + 1),
		 ENOMEM);
	CHECK_EQ(st.used, UE_SIP_BLOCKS - 1);
	CHECK_EQ(sip_store_put(&mv[5], &st, in, UE_SIP_BLOCK_SIZE), 0);

	for (i = 0; i < UE_SIP_BLOCKS; i++) {
		if (i == 5)
			continue;
		CHECK_EQ(sip_store_get(out, sizeof(out), &st, &mv[i]), 1);
		CHECK_EQ(out[0], in[i]);
	}

	for (i = 0; i < UE_SIP_BLOCKS; i++)
		sip_store_free(&st, &mv[i]);
	CHECK_EQ(st.used, 0);
	CHECK_EQ(sip_store_put(&mv[0], &st, in, ALL), 0);
}


static void refused(void)
{
	begin();
	CHECK_EQ(sip_store_put(&mv[0], &st, in, 0), ENOMEM);
	CHECK_EQ(sip_store_put(&mv[0], &st, in, 65536), ENOMEM);
	CHECK_EQ(sip_store_get(out, sizeof(out), &st, &mv[0]), 0);
	CHECK_EQ(sip_store_put(&mv[0], &st, in, 10), 0);
	CHECK_EQ(sip_store_get(out, 9, &st, &mv[0]), 0);
	sip_store_free(&st, &mv[0]);
	sip_store_free(&st, &mv[0]);
	CHECK_EQ(st.used, 0);
}


static void lines(void)
{
	struct sip_store_reader r;
	static const char text[] = "first\r\nsecond is longer\r\n\r\nrest";
	char pad[UE_SIP_BLOCK_SIZE + 40];
	size_t shift, n;

	begin();

	/* the block's end at each place of the text */
	for (shift = 1; shift < sizeof(text) + 2; shift++) {

		const size_t fill = UE_SIP_BLOCK_SIZE - shift;

		memset(pad, 'x', fill - 1);
		pad[fill - 1] = '\n';
		memcpy(pad + fill, text, sizeof(text) - 1);
		CHECK_EQ(sip_store_put(&mv[0], &st, pad,
				       fill + sizeof(text) - 1), 0);
		sip_store_reader_init(&r, &st, &mv[0]);
		CHECK_EQ(sip_store_line(out, sizeof(out), &r), fill);
		n = sip_store_line(out, sizeof(out), &r);
		CHECK_MEM(out, n, "first\r\n", 7);
		n = sip_store_line(out, sizeof(out), &r);
		CHECK_MEM(out, n, "second is longer\r\n", 18);
		n = sip_store_line(out, sizeof(out), &r);
		CHECK_MEM(out, n, "\r\n", 2);
		n = sip_store_line(out, sizeof(out), &r);
		CHECK_MEM(out, n, "rest", 4);
		CHECK_EQ(sip_store_line(out, sizeof(out), &r), 0);
	}

	sip_store_reader_init(&r, &st, &mv[0]);
	CHECK_EQ(sip_store_line(out, 10, &r), 0);
	CHECK_EQ(sip_store_line(out, sizeof(out), &r), 0);
}


const struct test_case suite_sip_store[] = {
	{"a message of every length comes out as it went in", every_length},
	{"a full store refuses, keeps what it has and works again", full},
	{"what cannot be stored or read is refused", refused},
	{"lines are read across the ends of blocks", lines},
	{NULL, NULL}
};
