/**
 * @file test_sigcomp_rfc4465.c  The torture tests of RFC 4465, all sections
 *
 * Output, cycles and failure reasons at several memory sizes, as SigComp
 * version 1 and 2. Section A.2.1 saves the version as part of a state, so it
 * has a variant for version 2.
 */
#include <string.h>
#include "sigcomp/state.h"
#include "test/unit/test.h"
#include "gen/rfc4465.h"

enum { COMPARTMENTS = 3, SMS = 2048, OUT = 65536 };

static struct {
	struct sigcomp sc;
	struct sigcomp_compartment comp[COMPARTMENTS];
	uint64_t arena[COMPARTMENTS][SMS / 8 + 1];
	uint64_t mem[(65536 + SIGCOMP_MEM_PAD) / 8];
	uint8_t out[OUT];
	uint8_t expect[OUT];
	uint8_t buf[2048];
} t;


static unsigned states(const struct sigcomp_compartment *comp)
{
	uint32_t pos = 0;
	unsigned n = 0;

	for (; pos < comp->fill; ++n) {
		const struct sigcomp_record *rec = (const void *)(comp->arena +
								  pos);
		pos += sigcomp_record_size(rec->len);
	}

	return n;
}


static void endpoint(uint32_t dms, uint8_t version)
{
	const struct sigcomp_settings set = {
		.dms = dms, .cpb = 16, .version = version,
		.mem = (uint8_t *)t.mem, .mem_size = sizeof(t.mem)
	};
	unsigned i;

	CHECK_EQ(sigcomp_init(&t.sc, &set), 0);
	for (i = 0; i < COMPARTMENTS; ++i)
		CHECK_EQ(sigcomp_open(&t.sc, &t.comp[i], t.arena[i], SMS,
				      NULL, 0), 0);
}


/** Feedback the compartment now holds (RFC 4465 s4.1) */
static void feedback(const struct rfc4465_result *exp)
{
	const struct sigcomp_compartment *comp = &t.comp[0];
	const uint8_t *p = exp->ids;
	unsigned i;

	CHECK_MEM(comp->item, comp->item_len, exp->item, exp->item_len);
	CHECK_EQ(comp->peer.cpb, 16);
	CHECK_EQ(comp->peer.dms, 2048);
	CHECK_EQ(comp->peer.sms, 0);
	CHECK_EQ(comp->peer.version, 1);

	/* what the peer has is kept for RFC 3321 s5.2 only */
	CHECK_EQ(comp->announced_n, SIGCOMP_SHARED ? 3 : 0);

	for (i = 0; i < comp->announced_n; ++i, p += 1 + p[0])
		CHECK_MEM(comp->announced[i], comp->announced_len[i],
			  p + 1, p[0]);
}


static void message(const struct rfc4465_result *exp, const uint8_t *p,
		    size_t len, int compartment, bool stream)
{
	struct sigcomp_result res;
	const int err = sigcomp_decompress(&res, &t.sc, t.out, sizeof(t.out),
					   p, len, stream);

	CHECK_EQ(res.reason, exp->reason);
	CHECK_EQ(err == 0, exp->ok);

	if (!exp->ok) {
		sigcomp_discard(&t.sc);
		return;
	}

	if (exp->out_len)
		memcpy(t.expect, exp->out, exp->out_len);
	if (exp->dms) {
		t.expect[0] = (uint8_t)(t.sc.set.dms >> 8);
		t.expect[1] = (uint8_t)t.sc.set.dms;
	}

	CHECK_MEM(t.out, res.len, t.expect, exp->out_len);
	if (exp->cycles >= 0)
		CHECK_EQ(res.cycles, exp->cycles);
	CHECK_EQ(sigcomp_accept(&t.sc, &t.comp[compartment]), 0);

	if (exp->item_len)
		feedback(exp);
}


/** A stream, in pieces of so many bytes */
static void stream(const struct rfc4465_step *step, size_t piece)
{
	struct sigcomp_stream st;
	const uint8_t *msg;
	size_t pos = 0, used, len;
	unsigned n = 0;

	sigcomp_stream_init(&st, t.buf, sizeof(t.buf));

	while (pos < step->len && n < step->n) {
		const size_t left = step->len - pos;
		const int err = sigcomp_stream_feed(&st, &msg, &len,
						    step->p + pos,
						    left < piece ? left :
						    piece, &used);

		CHECK(used > 0);
		pos += used;
		if (!err)
			message(&step->res[n++], msg, len, step->compartment,
				true);
	}

	CHECK_EQ(n, step->n);
}


/** States that must be present after this step, and no other of the test's */
static void present(const struct rfc4465_test *test, unsigned set)
{
	struct sigcomp_state st;
	unsigned i;

	for (i = 0; i < test->ids_len / 6; ++i) {
		const int err = sigcomp_find(&st, &t.sc, test->ids + 6 * i, 6);

		CHECK_EQ(err == 0, set >> i & 1);
	}
}


static void section(const char *name, uint32_t dms, uint8_t version)
{
	unsigned i, k, found = 0;

	for (i = 0; i < sizeof(rfc4465) / sizeof(*rfc4465); ++i) {
		const struct rfc4465_test *test = &rfc4465[i];

		if (strcmp(test->section, name) ||
		    (test->version && test->version != version))
			continue;

		++found;
		endpoint(dms, version);

		for (k = 0; k < test->n; ++k) {
			const struct rfc4465_step *step = &test->step[k];

			if (test->stream) {
				stream(step, step->len);
				stream(step, 1);
				continue;
			}

			message(step->res, step->p, step->len,
				step->compartment, false);
			if (step->states >= 0)
				CHECK_EQ(states(&t.comp[step->compartment]),
					 step->states);
			if (step->present)
				present(test, step->present);
		}
	}

	CHECK_EQ(found, 1);
}


static void all_sizes(const char *name)
{
	static const uint32_t dms[] = { 2048, 8192, 65536 };
	unsigned i;

	for (i = 0; i < sizeof(dms) / sizeof(*dms); ++i) {
		section(name, dms[i], 1);
		section(name, dms[i], 2);
	}
}


#define SECTION(id, name)						\
	static void test_##id(void) { all_sizes(name); }

SECTION(1_1, "A.1.1")
SECTION(1_2, "A.1.2")
SECTION(1_3, "A.1.3")
SECTION(1_4, "A.1.4")
SECTION(1_5, "A.1.5")
SECTION(1_6, "A.1.6")
SECTION(1_7, "A.1.7")
SECTION(1_8, "A.1.8")
SECTION(1_9, "A.1.9")
SECTION(1_10, "A.1.10")
SECTION(1_11, "A.1.11")
SECTION(1_12, "A.1.12")
SECTION(1_13, "A.1.13")
SECTION(1_14, "A.1.14")
SECTION(1_15, "A.1.15")
SECTION(1_16, "A.1.16")
SECTION(2_1, "A.2.1")
SECTION(2_2, "A.2.2")
SECTION(2_3, "A.2.3")
SECTION(2_4, "A.2.4")
SECTION(2_5, "A.2.5")
SECTION(3_1, "A.3.1")
SECTION(3_2, "A.3.2")
SECTION(3_3, "A.3.3")
SECTION(3_4, "A.3.4")
SECTION(3_5, "A.3.5")


const struct test_case suite_sigcomp_rfc4465[] = {
	{"RFC 4465 s2.1: bit manipulation", test_1_1},
	{"RFC 4465 s2.2: arithmetic", test_1_2},
	{"RFC 4465 s2.3: sorting", test_1_3},
	{"RFC 4465 s2.4: SHA-1", test_1_4},
	{"RFC 4465 s2.5: LOAD and MULTILOAD", test_1_5},
	{"RFC 4465 s2.6: COPY", test_1_6},
	{"RFC 4465 s2.7: COPY-LITERAL and COPY-OFFSET", test_1_7},
	{"RFC 4465 s2.8: MEMSET", test_1_8},
	{"RFC 4465 s2.9: CRC", test_1_9},
	{"RFC 4465 s2.10: INPUT-BITS", test_1_10},
	{"RFC 4465 s2.11: INPUT-HUFFMAN", test_1_11},
	{"RFC 4465 s2.12: INPUT-BYTES", test_1_12},
	{"RFC 4465 s2.13: stack manipulation", test_1_13},
	{"RFC 4465 s2.14: program flow", test_1_14},
	{"RFC 4465 s2.15: state creation", test_1_15},
	{"RFC 4465 s2.16: STATE-ACCESS", test_1_16},
	{"RFC 4465 s3.1: useful values", test_2_1},
	{"RFC 4465 s3.2: cycles checking", test_2_2},
	{"RFC 4465 s3.3: message-based transport", test_2_3},
	{"RFC 4465 s3.4: stream-based transport", test_2_4},
	{"RFC 4465 s3.5: input past the end of a message", test_2_5},
	{"RFC 4465 s4.1: SigComp feedback mechanism", test_3_1},
	{"RFC 4465 s4.2: state memory management", test_3_2},
	{"RFC 4465 s4.3: multiple compartments", test_3_3},
	{"RFC 4465 s4.4: accessing RFC 3485 state", test_3_4},
	{"RFC 4465 s4.5: bytecode state creation", test_3_5},
	{NULL, NULL}
};
