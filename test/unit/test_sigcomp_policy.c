/**
 * @file test_sigcomp_policy.c  What may be referenced and saved: RFC 3320 s5,
 *                              RFC 4077 s2.3, RFC 5049 s8, RFC 4896 s9 to s11
 *
 * The codec is a toy: it sends texts of one repeated character, and its
 * whole state is its own code with the number it asks to be returned. What
 * it saves where is set by the test. Over 800 lines: all rules of the policy
 * share it.
 */
#include <errno.h>
#include <string.h>
#include "sigcomp/private.h"
#include "test/unit/sigcomp_kit.h"
#include "test/unit/test.h"

enum {
	TEXT = 400, SMS = 2048, DMS = 8192, SIZE_AT = 40, FILL_AT = 42,
	TEXT_AT = 2304,         /* behind the longest state */
	TAG_AT = 60,            /* in the code: Q, 81, tag, parameters */
	CODE_LEN = TAG_AT + 5,
};

/* what the toy does with the next message */
static struct {
	uint8_t slot;
	uint16_t len, prio;
	bool silent;            /* asks for no item */
	uint8_t frees;          /* said before it fails */
	unsigned calls;
	int err;
	bool asked[SIGCOMP_SLOTS];  /* the code in the slot asks for an item */
	uint8_t tag[SIGCOMP_SLOTS];
	struct sigcomp_job job;     /* as the last call saw it */
	struct sigcomp_slot slots[SIGCOMP_SLOTS];
} toy;

struct side {
	struct sigcomp sc;
	struct sigcomp_compartment comp;
	uint64_t arena[SMS / 8 + 1];
	uint64_t codec_mem[16];
	uint64_t mem[(DMS + SIGCOMP_MEM_PAD) / 8];
	uint8_t msg[TEXT + 200];
	size_t len;
	uint32_t handle;
	uint8_t out[TEXT];
	struct sigcomp_result res;
};

static struct side a, b;


static size_t toy_size(uint32_t sms)
{
	(void)sms;
	return 64;
}


static size_t toy_work(uint32_t dms, uint32_t sms)
{
	(void)sms;
	return dms;
}


static void toy_code(uint8_t *code, const struct sigcomp_job *job, bool save)
{
	/* INPUT-BYTES (3, SIZE_AT, fail), MEMSET (TEXT_AT, [SIZE_AT],
	   [FILL_AT] / 256, 0), OUTPUT (TEXT_AT, [SIZE_AT]), END-MESSAGE */
	const uint8_t head[] = {
		OP_INPUT_BYTES, 4, SIZE_AT, 0,
		OP_MEMSET, 0xa9, 0x00, 0x40 + SIZE_AT / 2, 0x40 + FILL_AT / 2, 0,
		OP_OUTPUT, 0xa9, 0x00, 0x40 + SIZE_AT / 2,
		OP_END_MESSAGE,
		0xa0, save && !toy.silent ? SK_CODE + TAG_AT : 0,
		0xa0, SK_CODE + TAG_AT + 3,
		0x80, (uint8_t)(toy.len >> 8), (uint8_t)toy.len,
		0x87, 0x87, save ? 6 : 0,
		0x80, (uint8_t)(toy.prio >> 8), (uint8_t)toy.prio
	};

	memset(code, 0, CODE_LEN);
	memcpy(code, head, sizeof(head));
	code[TAG_AT] = 4;
	code[TAG_AT + 1] = 0x81;
	code[TAG_AT + 2] = job->tag;
	code[TAG_AT + 3] = job->param[0];
	code[TAG_AT + 4] = job->param[1];
}


static int toy_compress(struct sigcomp_job *job)
{
	static const uint8_t zero[SMS];
	const bool save = job->may_save && toy.len;
	uint8_t code[CODE_LEN];
	size_t pos;
	unsigned i;
	int err;

	++toy.calls;
	toy.job = *job;
	memcpy(toy.slots, job->slot, sizeof(toy.slots));
	job->frees = toy.frees;
	if (toy.err)
		return toy.err;

	for (i = 0; i < SIGCOMP_SLOTS && !job->slot[i].usable; ++i)
		;

	if (i < SIGCOMP_SLOTS && !save) {
		err = sigcomp_put_reference(job, &pos, job->slot[i].id, 6);
		job->used = (uint8_t)(1u << i);

		/* the code saves itself again, and asks for its item again */
		job->saves = 1;
		job->tagged = toy.asked[i];
		job->tag = toy.tag[i];
		job->save[0].slot = (uint8_t)i;
		job->save[0].len = job->slot[i].len;
		job->save[0].prio = job->slot[i].prio;
		memcpy(job->save[0].id, job->slot[i].id, SIGCOMP_ID_LEN);
	}
	else {
		toy_code(code, job, save);
		err = sigcomp_put_bytecode(job, &pos, code, sizeof(code),
					   SK_CODE);
		if (save) {
			const struct sigcomp_piece piece[] = {
				{ code, CODE_LEN }, { zero, toy.len - CODE_LEN }
			};

			job->saves = 1;
			job->save[0].slot = toy.slot;
			job->save[0].len = toy.len;
			job->save[0].prio = toy.prio;
			job->tagged = !toy.silent;
			toy.asked[toy.slot] = job->tagged;
			toy.tag[toy.slot] = job->tag;
			(void)sigcomp_state_id(job->save[0].id, SK_CODE,
					       SK_CODE, 6, piece, 2);
		}
	}

	if (err || job->out_size - pos < 4)
		return EOVERFLOW;

	udvm_put(job->out + pos, (uint32_t)job->text_len);
	udvm_put(job->out + pos + 2, job->text[0]);
	job->out_len = pos + 4;

	return 0;
}


static const struct sigcomp_codec codec = {
	"toy", toy_size, toy_work, toy_compress, NULL
};


static void side_open(struct side *s)
{
	const struct sigcomp_settings set = {
		.dms = DMS, .cpb = 16, .version = 2,
		.mem = (uint8_t *)s->mem, .mem_size = sizeof(s->mem),
		.codec = &codec
	};

	memset(s, 0, sizeof(*s));
	CHECK_EQ(sigcomp_init(&s->sc, &set), 0);
	CHECK_EQ(sigcomp_open(&s->sc, &s->comp, s->arena, SMS, s->codec_mem,
			      sizeof(s->codec_mem)), 0);
}


static void start(void)
{
	side_open(&a);
	side_open(&b);
	memset(&toy, 0, sizeof(toy));
	toy.len = 300;
}


static int pack(struct side *s, int fill, unsigned flags)
{
	static uint8_t text[TEXT];

	memset(text, fill, sizeof(text));

	return sigcomp_compress(&s->sc, &s->comp, s->msg, sizeof(s->msg),
				&s->len, &s->handle, text, sizeof(text),
				flags);
}


/** to reads what from has packed, and accepts it */
static int deliver(struct side *from, struct side *to, bool stream)
{
	const int err = sigcomp_decompress(&to->res, &to->sc, to->out,
					   sizeof(to->out), from->msg,
					   from->len, stream);

	return err ? err : sigcomp_accept(&to->sc, &to->comp);
}


static bool referenced(const struct side *s)
{
	return (s->msg[0] & 3) != 0;
}


/* -- acknowledgement ----------------------------------------------------- */

/* RFC 3321 s5.1 */
static void reference_after_confirm(void)
{
	uint32_t first;

	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(&a, &b, false), 0);
	CHECK_EQ(b.res.len, TEXT);
	CHECK_EQ(b.out[TEXT - 1], 'x');
	first = a.handle;

	/* not acknowledged yet: the next one stands alone */
	CHECK_EQ(pack(&a, 'y', 0), 0);
	CHECK(!referenced(&a));
	CHECK_EQ(deliver(&a, &b, false), 0);

	sigcomp_confirm(&a.comp, first);
	CHECK_EQ(pack(&a, 'z', 0), 0);
	CHECK(referenced(&a));
	CHECK_EQ(deliver(&a, &b, false), 0);
	CHECK_EQ(b.res.len, TEXT);
	CHECK_EQ(b.out[0], 'z');
}


static void unknown_confirm_ignored(void)
{
	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	sigcomp_confirm(&a.comp, a.handle + 1);
	sigcomp_confirm(&a.comp, 0);
	CHECK_EQ(pack(&a, 'y', 0), 0);
	CHECK(!referenced(&a));
}


static void saves_only_when_told(void)
{
	start();
	CHECK_EQ(pack(&a, 'x', 0), 0);
	CHECK(!toy.job.may_save);
	CHECK_EQ(deliver(&a, &b, false), 0);
	CHECK_EQ(b.comp.fill, 0);
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	CHECK(toy.job.may_save);
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED | SIGCOMP_AGAIN), 0);
	CHECK(toy.job.may_save);
}


static void one_open_question(void)
{
	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(pack(&a, 'y', SIGCOMP_ANSWERED), 0);
	CHECK(!toy.job.may_save);
	CHECK_EQ(pack(&a, 'z', SIGCOMP_ANSWERED), 0);
	CHECK(!toy.job.may_save);

	/* whether the peer is heard or not */
	CHECK_EQ(pack(&b, 'r', 0), 0);
	CHECK_EQ(deliver(&b, &a, false), 0);
	CHECK_EQ(pack(&a, 'w', SIGCOMP_ANSWERED), 0);
	CHECK(toy.job.may_save);
}


/* RFC 3320 s7.1 */
static void feedback_is_returned(void)
{
	uint8_t tag;

	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_FOLLOWED), 0);
	tag = toy.job.tag;
	CHECK_EQ(deliver(&a, &b, false), 0);
	CHECK_EQ(b.comp.item_len, 2);
	CHECK_EQ(b.comp.item[0], 0x81);
	CHECK_EQ(b.comp.item[1], tag);

	/* RFC 4896 s9.2: in every message until a newer one comes */
	CHECK_EQ(pack(&b, 'r', 0), 0);
	CHECK_EQ(b.msg[0], 0xfc);
	CHECK_MEM(b.msg + 1, 2, b.comp.item, 2);
	CHECK_EQ(pack(&b, 'r', 0), 0);
	CHECK_EQ(b.msg[0], 0xfc);

	/* refused by the application: it tells nothing */
	CHECK_EQ(sigcomp_decompress(&a.res, &a.sc, a.out, sizeof(a.out),
				    b.msg, b.len, false), 0);
	sigcomp_discard(&a.sc);
	CHECK(!a.comp.slot[0].usable);

	CHECK_EQ(deliver(&b, &a, false), 0);
	CHECK(a.comp.slot[0].usable);
	CHECK_EQ(pack(&a, 'y', 0), 0);
	CHECK(referenced(&a));
	CHECK_EQ(deliver(&a, &b, false), 0);
}


static void stream_needs_no_answer(void)
{
	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_RELIABLE), 0);
	CHECK_EQ(deliver(&a, &b, true), 0);
	CHECK_EQ(pack(&a, 'y', SIGCOMP_RELIABLE), 0);
	CHECK(toy.slots[0].usable);
	CHECK_EQ(deliver(&a, &b, true), 0);
}


/* RFC 3320 s5.1: what one stream carries another one may overtake, until the
   peer shows that it has come; later messages ask for that */
static void streams_keep_no_order(void)
{
	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_RELIABLE | SIGCOMP_ANSWERED), 0);
	CHECK(a.comp.slot[0].usable);
	sigcomp_other_stream(&a.comp);
	CHECK(!a.comp.slot[0].usable);
	CHECK_EQ(pack(&a, 'y', SIGCOMP_RELIABLE), 0);
	CHECK(!referenced(&a));
	CHECK(!toy.job.may_save);
	CHECK_EQ(deliver(&a, &b, true), 0);

	sigcomp_confirm(&a.comp, a.handle - 1);
	CHECK(a.comp.slot[0].usable);
	sigcomp_other_stream(&a.comp);
	CHECK(a.comp.slot[0].usable);

	/* an answer to the network: what comes next can tell of it */
	toy.slot = 1;
	CHECK_EQ(pack(&a, 'z', SIGCOMP_RELIABLE | SIGCOMP_FOLLOWED), 0);
	CHECK(toy.job.may_save);
	CHECK_EQ(deliver(&a, &b, true), 0);
	CHECK(!a.comp.slot[1].usable);
	CHECK_EQ(pack(&b, 'z', SIGCOMP_RELIABLE), 0);
	CHECK_EQ(deliver(&b, &a, true), 0);
	CHECK(a.comp.slot[1].usable);
}


static void parameters_are_sent(void)
{
	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(toy.job.param[0], 0 << 6 | 3 << 3 | 1);
	CHECK_EQ(toy.job.param[1], 2);
	CHECK_EQ(deliver(&a, &b, false), 0);
	CHECK_EQ(b.comp.peer.dms, DMS);
	CHECK_EQ(b.comp.peer.sms, SMS);
}


/* -- errors -------------------------------------------------------------- */

static void not_while_pending(void)
{
	start();
	CHECK_EQ(pack(&a, 'x', 0), 0);
	CHECK_EQ(sigcomp_decompress(&b.res, &b.sc, b.out, sizeof(b.out),
				    a.msg, a.len, false), 0);
	CHECK_EQ(pack(&b, 'r', 0), EPROTO);
	sigcomp_discard(&b.sc);
	CHECK_EQ(pack(&b, 'r', 0), 0);
}


static void never_larger_than_plain(void)
{
	uint8_t out[100];
	size_t n;
	uint32_t handle;

	start();
	CHECK_EQ(sigcomp_compress(&a.sc, &a.comp, out, sizeof(out), &n,
				  &handle, (const uint8_t *)"aaaa", 4, 0),
		 ENOTSUP);
	CHECK_EQ(sigcomp_compress(&a.sc, &a.comp, out, sizeof(out), &n,
				  &handle, (const uint8_t *)"", 0, 0),
		 EINVAL);
	CHECK_EQ(sigcomp_compress(&a.sc, &a.comp, out, sizeof(out), &n,
				  &handle, (const uint8_t *)"a",
				  (size_t)SIGCOMP_OUTPUT_MAX + 1, 0), EINVAL);
}


static void codec_error_is_passed_on(void)
{
	start();
	toy.err = ENOMEM;
	CHECK_EQ(pack(&a, 'x', 0), ENOMEM);
	CHECK_EQ(toy.calls, 1);

	/* it cannot at this level: the next ones are tried, then plain */
	toy.calls = 0;
	toy.err = ENOTSUP;
	CHECK_EQ(pack(&a, 'x', 0), ENOTSUP);
	CHECK_EQ(toy.calls, 3);
	CHECK_EQ(toy.job.level, SIGCOMP_LEVEL_ALONE);
	CHECK(!toy.job.may_save);
	CHECK(!toy.job.peer.dictionary);

	/* that was for this message only */
	toy.err = 0;
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(toy.job.level, SIGCOMP_LEVEL_FULL);
}


/** Without a codec, or memory for one: plain, which a stream has packed */
static void no_codec(void)
{
	start();
	a.comp.codec_mem = NULL;
	CHECK_EQ(pack(&a, 'x', SIGCOMP_SHARE), ENOTSUP);
	CHECK_EQ(pack(&a, 'x', SIGCOMP_RELIABLE), 0);
	CHECK_EQ(deliver(&a, &b, true), 0);
	CHECK_EQ(b.res.len, TEXT);
	start();
	a.sc.set.codec = NULL;
	CHECK_EQ(pack(&a, 'x', SIGCOMP_SHARE), ENOTSUP);
	CHECK_EQ(pack(&a, 'x', SIGCOMP_RELIABLE), 0);
	CHECK_EQ(deliver(&a, &b, true), 0);
	CHECK_EQ(toy.calls, 0);
}


/** RFC 3321 s5.2 with a codec that does not know of it */
static void share_with_others(void)
{
	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_SHARE | SIGCOMP_ANSWERED), 0);
	CHECK(!toy.job.may_share);
	CHECK_EQ(toy.job.heard_len, 0);
	CHECK_EQ(deliver(&a, &b, false), 0);
}


/** 0 is no handle: it is left out when the numbers begin anew */
static void handles_wrap(void)
{
	start();
	a.comp.handle = UINT32_MAX - 1;
	CHECK_EQ(pack(&a, 'x', 0), 0);
	CHECK_EQ(a.handle, UINT32_MAX);
	CHECK_EQ(pack(&a, 'x', 0), 0);
	CHECK_EQ(a.handle, 1);
}


/* RFC 3320 s9.4.9: each identifier with its length before it; the list ends
   with the memory, with a length that is none, or when there is no room */
static void announced(void)
{
	static const struct {
		const char *p;
		size_t len;
		unsigned n;
	} v[] = {
		{"", 0, 0}, {"\6abcdef", 7, 1}, {"\6abcde", 6, 0},
		{"\5abcde\6abcdef", 13, 0}, {"\25abcdefghijklmnopqrstu", 22, 0},
		{"\6abcdef\0\6abcdef", 15, 1}, {"\6abcdef\6abcdef", 14, 2},
	};
	uint8_t *mem = (uint8_t *)a.mem + 512;
	unsigned i;

	if (!SIGCOMP_SHARED) {
		test_skip("built without RFC 3321 (SIGCOMP_SHARED)");
		return;
	}
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		start();
		memcpy(mem + 2, v[i].p, v[i].len);
		a.sc.params_loc = 512;
		a.sc.udvm_size = (uint32_t)(512 + 2 + v[i].len);
		sigcomp_feedback(&a.sc, &a.comp);
		CHECK_EQ(a.comp.announced_n, v[i].n);
	}
	start();
	for (i = 0; i <= SIGCOMP_ANNOUNCED; i++)
		memcpy(mem + 2 + 7 * i, "\6abcdef", 7);
	a.sc.params_loc = 512;
	a.sc.udvm_size = 512 + 2 + 7 * (SIGCOMP_ANNOUNCED + 1);
	sigcomp_feedback(&a.sc, &a.comp);
	CHECK_EQ(a.comp.announced_n, SIGCOMP_ANNOUNCED);
}


/** RFC 3320 s7.1: items that are not of our form are not ours */
static void foreign_items(void)
{
	static const uint8_t other[] = { 0x82, 1 }, longer[] = { 0x81, 1, 2 };

	start();
	sigcomp_policy_returned(&a.comp, other, sizeof(other));
	sigcomp_policy_returned(&a.comp, longer, sizeof(longer));
	sigcomp_policy_returned(&a.comp, other, 0);
	CHECK_EQ(a.comp.seen, 0);
	sigcomp_policy_returned(&a.comp, longer, 2);
	CHECK_EQ(a.comp.seen & 0xff, 1);
}


/* RFC 3320 s4.1 */
static void headers(void)
{
	uint8_t out[64];
	struct sigcomp_job job = { .out = out, .out_size = sizeof(out) };
	static const uint8_t id[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	size_t pos, n;

	for (n = 0; n < 16; ++n)
		CHECK_EQ(sigcomp_put_reference(&job, &pos, id, n),
			 n == 6 || n == 9 || n == 12 ? 0 : EINVAL);
	CHECK_EQ(sigcomp_put_reference(&job, &pos, id, 9), 0);
	CHECK_EQ(pos, 10);
	CHECK_EQ(out[0], 0xfa);
	CHECK_EQ(sigcomp_put_bytecode(&job, &pos, id, 0, 128), EINVAL);
	CHECK_EQ(sigcomp_put_bytecode(&job, &pos, id, 4096, 128), EINVAL);
	CHECK_EQ(sigcomp_put_bytecode(&job, &pos, id, 12, 64), EINVAL);
	CHECK_EQ(sigcomp_put_bytecode(&job, &pos, id, 12, 1088), EINVAL);
	CHECK_EQ(sigcomp_put_bytecode(&job, &pos, id, 12, 130), EINVAL);
	CHECK_EQ(sigcomp_put_bytecode(&job, &pos, id, 12, 1024), 0);
	CHECK_MEM(out, 3, "\xf8\x00\xcf", 3);
	job.out_size = 14;
	CHECK_EQ(sigcomp_put_bytecode(&job, &pos, id, 12, 128), EOVERFLOW);
	job.out_size = 6;
	CHECK_EQ(sigcomp_put_reference(&job, &pos, id, 6), EOVERFLOW);
}


/* -- NACK ---------------------------------------------------------------- */

/** to cannot read what from has sent, and says so */
static void refuse(struct side *from, struct side *to)
{
	uint8_t nack[SIGCOMP_NACK_MAX];
	size_t n;

	CHECK(deliver(from, to, false) == EBADMSG);
	CHECK_EQ(sigcomp_nack(&n, &to->sc, nack, sizeof(nack), from->msg,
			      from->len), 0);
	CHECK_EQ(sigcomp_decompress(&from->res, &from->sc, from->out,
				    sizeof(from->out), nack, n, false), 0);
	CHECK_EQ(from->res.kind, SIGCOMP_NACK);
	CHECK(from->res.comp == &from->comp);
	CHECK_EQ(from->res.handle, from->handle);
}


static void nack_state_not_found(void)
{
	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(&a, &b, false), 0);
	sigcomp_confirm(&a.comp, a.handle);

	/* the peer starts anew */
	side_open(&b);
	CHECK_EQ(pack(&a, 'y', 0), 0);
	CHECK(referenced(&a));
	refuse(&a, &b);
	CHECK_EQ(a.res.reason, SIGCOMP_STATE_NOT_FOUND);

	/* the next is complete again, and good to build upon */
	CHECK_EQ(pack(&a, 'y', SIGCOMP_ANSWERED | SIGCOMP_AGAIN), 0);
	CHECK(!referenced(&a));
	CHECK_EQ(toy.job.level, SIGCOMP_LEVEL_FULL);
	CHECK_EQ(deliver(&a, &b, false), 0);
	sigcomp_confirm(&a.comp, a.handle);
	CHECK_EQ(pack(&a, 'z', 0), 0);
	CHECK(referenced(&a));
	CHECK_EQ(deliver(&a, &b, false), 0);
}


/** A NACK with this reason for the last message of a */
static void nack_with(enum sigcomp_reason reason, const void *detail, size_t n)
{
	uint8_t nack[SIGCOMP_NACK_MAX] = { 0xf8, 0, 1, (uint8_t)reason };
	unsigned i;

	for (i = 0; i < SIGCOMP_NACK_LIST; ++i)
		if (a.comp.sent[i].handle == a.handle)
			memcpy(nack + 7, a.comp.sent[i].hash, 20);
	memcpy(nack + 27, detail, n);
	CHECK_EQ(sigcomp_decompress(&a.res, &a.sc, a.out, sizeof(a.out),
				    nack, 27 + n, false), 0);
	CHECK(a.res.comp == &a.comp);
}


static void nack_steps_down(void)
{
	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(&a, &b, false), 0);
	sigcomp_confirm(&a.comp, a.handle);

	/* a message that referenced something: nothing is referenced */
	CHECK_EQ(pack(&a, 'y', 0), 0);
	CHECK(referenced(&a));
	nack_with(SIGCOMP_SEGFAULT, "", 0);
	CHECK_EQ(pack(&a, 'y', 0), 0);
	CHECK(!referenced(&a));

	/* one that stood on its own: without dictionary, then plain */
	nack_with(SIGCOMP_SEGFAULT, "", 0);
	CHECK_EQ(pack(&a, 'y', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(toy.job.level, SIGCOMP_LEVEL_ALONE);
	nack_with(SIGCOMP_SEGFAULT, "", 0);
	CHECK_EQ(pack(&a, 'y', 0), ENOTSUP);

	/* a stream that carries SigComp cannot carry anything else */
	CHECK_EQ(pack(&a, 'y', SIGCOMP_RELIABLE), 0);
	CHECK_EQ(a.len, 13 + TEXT);
	CHECK_EQ(deliver(&a, &b, true), 0);
	CHECK_EQ(b.res.len, TEXT);
	CHECK_EQ(b.out[TEXT - 1], 'y');
}


/* s3.2: details of STATE_NOT_FOUND that are no identifier; a message that is
   older than the last step down; there is nothing below plain */
static void nack_details(void)
{
	struct sigcomp_sent old = { .handle = 9, .level = SIGCOMP_LEVEL_FULL };
	uint8_t id[SIGCOMP_ID_LEN + 1] = { 0 };

	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	sigcomp_confirm(&a.comp, a.handle);
	CHECK(a.comp.slot[0].usable);
	memcpy(id, a.comp.slot[0].id, SIGCOMP_ID_LEN);
	sigcomp_policy_refused(&a.comp, &old, SIGCOMP_STATE_NOT_FOUND, id, 5);
	CHECK(a.comp.slot[0].usable);
	sigcomp_policy_refused(&a.comp, &old, SIGCOMP_STATE_NOT_FOUND, id,
			       sizeof(id));
	CHECK(a.comp.slot[0].usable);
	CHECK_EQ(a.comp.level, SIGCOMP_LEVEL_ALONE);
	sigcomp_policy_refused(&a.comp, &old, SIGCOMP_STATE_NOT_FOUND, id, 6);
	CHECK(!a.comp.slot[0].usable);

	/* that message was sent before the step */
	CHECK_EQ(a.comp.level, SIGCOMP_LEVEL_ALONE);
	old.level = SIGCOMP_LEVEL_PLAIN;
	sigcomp_policy_refused(&a.comp, &old, SIGCOMP_SEGFAULT, id, 0);
	CHECK_EQ(a.comp.level, SIGCOMP_LEVEL_PLAIN);
	sigcomp_policy_refused(&a.comp, &old, SIGCOMP_SEGFAULT, id, 0);
	CHECK_EQ(a.comp.level, SIGCOMP_LEVEL_PLAIN);
}


static void nack_dictionary(void)
{
	start();
	CHECK_EQ(pack(&a, 'x', 0), 0);
	CHECK(toy.job.peer.dictionary);
	nack_with(SIGCOMP_STATE_NOT_FOUND, sigcomp_dictionary_id, 6);
	CHECK_EQ(pack(&a, 'x', 0), 0);
	CHECK(!toy.job.peer.dictionary);
	CHECK_EQ(toy.job.level, SIGCOMP_LEVEL_FULL);
}


/* What refers to a state that loads the dictionary needs it, too */
static void nack_dictionary_of_state(void)
{
	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(&a, &b, false), 0);
	sigcomp_confirm(&a.comp, a.handle);
	CHECK_EQ(pack(&a, 'y', 0), 0);
	CHECK(referenced(&a));
	nack_with(SIGCOMP_STATE_NOT_FOUND, sigcomp_dictionary_id, 6);
	CHECK_EQ(pack(&a, 'y', 0), 0);
	CHECK(!referenced(&a));
	CHECK(!toy.job.peer.dictionary);
	CHECK_EQ(toy.job.level, SIGCOMP_LEVEL_FULL);
}


/* One message is too long for the peer: others are not */
static void nack_output_overflow(void)
{
	unsigned i;

	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(&a, &b, false), 0);
	sigcomp_confirm(&a.comp, a.handle);
	for (i = 0; i < 4; ++i) {
		CHECK_EQ(pack(&a, 'y', 0), 0);
		nack_with(SIGCOMP_OUTPUT_OVERFLOW, "", 0);
	}
	CHECK_EQ(pack(&a, 'z', 0), 0);
	CHECK_EQ(toy.job.level, SIGCOMP_LEVEL_FULL);
	CHECK(referenced(&a));
	CHECK_EQ(deliver(&a, &b, false), 0);
}


/* Several messages refer to what the peer has not; before their NACKs come,
   one has made a new state. It stays */
static void nack_of_a_burst(void)
{
	struct sigcomp_sent sent[2];
	unsigned i;

	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(&a, &b, false), 0);
	sigcomp_confirm(&a.comp, a.handle);
	for (i = 0; i < 2; ++i) {
		CHECK_EQ(pack(&a, 'y', 0), 0);
		CHECK(referenced(&a));
		sent[i] = a.comp.sent[1 + i];
		CHECK_EQ(sent[i].handle, a.handle);
	}

	sigcomp_policy_refused(&a.comp, &sent[0], SIGCOMP_SEGFAULT, NULL, 0);
	CHECK(!a.comp.slot[0].usable);
	toy.slot = 1;
	CHECK_EQ(pack(&a, 'z', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(&a, &b, false), 0);
	sigcomp_confirm(&a.comp, a.handle);
	CHECK(a.comp.slot[1].usable);
	sigcomp_policy_refused(&a.comp, &sent[1], SIGCOMP_SEGFAULT, NULL, 0);
	CHECK(a.comp.slot[1].usable);
}


/* The peer's shared state is gone: all else is as good as before */
static void nack_shared(void)
{
	const struct sigcomp_sent sent = { .handle = 9 };
	uint8_t id[SIGCOMP_ID_LEN];

	if (!SIGCOMP_SHARED) {
		test_skip("built without RFC 3321 (SIGCOMP_SHARED)");
		return;
	}
	start();
	memset(id, 7, sizeof(id));
	memcpy(a.comp.heard_id, id, sizeof(id));
	a.comp.heard_len = 300;
	sigcomp_policy_refused(&a.comp, &sent, SIGCOMP_STATE_NOT_FOUND, id, 6);
	CHECK_EQ(a.comp.heard_len, 0);
	CHECK_EQ(a.comp.level, SIGCOMP_LEVEL_FULL);
}


static void nack_cycles(void)
{
	start();
	a.comp.peer.cpb = 64;
	CHECK_EQ(pack(&a, 'x', 0), 0);
	nack_with(SIGCOMP_CYCLES_EXHAUSTED, "\x20", 1);
	CHECK_EQ(pack(&a, 'x', 0), 0);
	CHECK_EQ(toy.job.peer.cpb, 32);

	/* no more than there were are not fewer */
	nack_with(SIGCOMP_CYCLES_EXHAUSTED, "\x40", 1);
	CHECK_EQ(a.comp.peer.cpb, 32);
	nack_with(SIGCOMP_CYCLES_EXHAUSTED, "\x10", 1);
	CHECK_EQ(a.comp.peer.cpb, 16);
	a.comp.peer.cpb = 32;

	/* nonsense is not believed */
	nack_with(SIGCOMP_CYCLES_EXHAUSTED, "\x01", 1);
	CHECK_EQ(a.comp.peer.cpb, 32);
	nack_with(SIGCOMP_CYCLES_EXHAUSTED, "", 0);
	CHECK_EQ(a.comp.peer.cpb, 32);
}


static void nack_list_is_bounded(void)
{
	struct sigcomp_sent first;
	uint8_t nack[27] = { 0xf8, 0, 1, SIGCOMP_SEGFAULT };
	unsigned i;

	start();
	CHECK_EQ(pack(&a, 'x', 0), 0);
	first = a.comp.sent[0];
	for (i = 0; i < SIGCOMP_NACK_LIST; ++i)
		CHECK_EQ(pack(&a, 'a' + (int)i, 0), 0);

	memcpy(nack + 7, first.hash, 20);
	CHECK_EQ(sigcomp_decompress(&a.res, &a.sc, a.out, sizeof(a.out),
				    nack, 27, false), 0);
	CHECK(a.res.comp == NULL);
	CHECK_EQ(a.comp.level, SIGCOMP_LEVEL_FULL);
}


static void silence_ends_trust(void)
{
	unsigned i;

	/* the peer forgot everything and knows no NACK */
	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(&a, &b, false), 0);
	sigcomp_confirm(&a.comp, a.handle);
	side_open(&b);
	toy.len = 0;

	for (i = 0; i < 10; ++i) {
		CHECK_EQ(pack(&a, 'y', SIGCOMP_ANSWERED | SIGCOMP_AGAIN), 0);
		if (!deliver(&a, &b, false))
			break;
	}

	CHECK(i > 1 && i < 10);
}


/* -- what the peer has --------------------------------------------------- */

static bool peer_has(const struct sigcomp_slot *slot)
{
	struct sigcomp_state st;

	return !sigcomp_find(&st, &b.sc, slot->id, 20);
}


/**
 * Random states, losses and confirmations: a usable slot is always there.
 * The toy's own reference to it is decompressed as well.
 */
static void usable_is_there(void)
{
	uint32_t seed = 11;
	unsigned round, i, used = 0;

	start();

	for (round = 0; round < 20000; ++round) {
		const unsigned what = sk_random(&seed, 100);
		unsigned flags = SIGCOMP_ANSWERED;

		if (what < 2) {
			start();
			a.comp.peer.sms = SMS;
		}

		toy.slot = (uint8_t)sk_random(&seed, SIGCOMP_SLOTS);
		toy.prio = (uint16_t)sk_random(&seed, 3);
		toy.len = sk_random(&seed, 3) ?
			(uint16_t)(CODE_LEN + sk_random(&seed, 1900)) : 0;
		if (sk_random(&seed, 4) == 0)
			flags |= SIGCOMP_AGAIN;
		if (sk_random(&seed, 4) == 0)
			flags = SIGCOMP_FOLLOWED;
		toy.silent = flags == SIGCOMP_ANSWERED;

		CHECK_EQ(pack(&a, 'x', flags), 0);
		used += referenced(&a);

		if (sk_random(&seed, 5)) {
			CHECK_EQ(deliver(&a, &b, false), 0);
			if (sk_random(&seed, 2))
				sigcomp_confirm(&a.comp, a.handle);
		}

		for (i = 0; i < SIGCOMP_SLOTS; ++i)
			if (a.comp.slot[i].usable)
				CHECK(peer_has(&a.comp.slot[i]));

		if (sk_random(&seed, 6) == 0) {
			toy.len = 0;
			CHECK_EQ(pack(&b, 'r', 0), 0);
			CHECK_EQ(deliver(&b, &a, false), 0);
		}
	}

	/* it was put to use */
	CHECK(used > 1000);
}


static void pushed_out_is_not_used(void)
{
	start();
	toy.len = 1000;
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(&a, &b, false), 0);
	sigcomp_confirm(&a.comp, a.handle);
	CHECK(a.comp.slot[0].usable);

	/* this one may push it out; whether it arrives is not known */
	toy.slot = 1;
	toy.prio = 0;
	CHECK_EQ(pack(&a, 'y', SIGCOMP_ANSWERED), 0);
	CHECK(!a.comp.slot[0].usable);
	CHECK(!a.comp.slot[1].usable);

	/* refused: nothing has happened to the first */
	nack_with(SIGCOMP_STATE_NOT_FOUND, "\1\2\3\4\5\6", 6);
	CHECK(a.comp.slot[0].usable);
}


/* x is there; y, which pushes it out, is on its way; then a message is sent
   twice, and x's item comes back */
static void copy_of(bool y)
{
	static uint8_t msg[sizeof(a.msg)];
	uint32_t second;
	size_t len;

	start();
	toy.len = 1000;
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(&a, &b, false), 0);
	sigcomp_confirm(&a.comp, a.handle);
	toy.slot = 1;
	CHECK_EQ(pack(&a, 'y', SIGCOMP_ANSWERED), 0);
	CHECK(toy.job.may_save);
	second = a.handle;
	len = a.len;
	memcpy(msg, a.msg, len);
	CHECK_EQ(pack(&a, 'z', 0), 0);
	if (y)
		a.handle = second;
	CHECK_EQ(pack(&a, y ? 'y' : 'z', SIGCOMP_AGAIN), 0);
	CHECK(!a.comp.slot[0].usable);

	CHECK_EQ(pack(&b, 'r', 0), 0);
	CHECK_EQ(deliver(&b, &a, false), 0);
	CHECK_EQ(a.comp.slot[0].usable, y);
	if (y)
		return;

	memcpy(a.msg, msg, len);
	a.len = len;
	CHECK_EQ(deliver(&a, &b, false), 0);
	CHECK(!peer_has(&a.comp.slot[0]));
}


static void other_copy(void)
{
	copy_of(true);
	copy_of(false);
}


/** The peer has less state memory; what it deletes does not come back with
    more. 1: 2048 octets */
static void peer_sms(uint8_t code)
{
	((uint8_t *)a.mem)[512] = (uint8_t)(3 << 3 | code);
	a.sc.params_loc = 512;
	a.sc.udvm_size = 513;
	a.sc.returned_len = 0;
	sigcomp_feedback(&a.sc, &a.comp);
}


static void lowered(uint8_t code)
{
	start();
	peer_sms(2);
	toy.len = 1500;
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	sigcomp_confirm(&a.comp, a.handle);
	toy.slot = 1;
	CHECK_EQ(pack(&a, 'y', SIGCOMP_ANSWERED), 0);
	sigcomp_confirm(&a.comp, a.handle);
	CHECK(a.comp.slot[0].usable && a.comp.slot[1].usable);
	peer_sms(code);
	CHECK(!a.comp.slot[0].usable);
	CHECK_EQ(a.comp.slot[1].usable, code > 0);
	peer_sms(2);
	CHECK(!a.comp.slot[0].usable);
	CHECK_EQ(a.comp.slot[1].usable, code > 0);
}


static void state_memory_lowered(void)
{
	lowered(1);
	lowered(0);
}


/** RFC 3321: what a codec said before it failed means nothing */
static void failure_frees_nothing(void)
{
	start();
	CHECK_EQ(pack(&a, 'x', SIGCOMP_RELIABLE), 0);
	CHECK_EQ(deliver(&a, &b, true), 0);
	CHECK(a.comp.slot[0].usable);
	toy.err = EOVERFLOW;
	toy.frees = 1;
	CHECK_EQ(pack(&a, 'y', SIGCOMP_RELIABLE), 0);
	CHECK_EQ(deliver(&a, &b, true), 0);
	CHECK_EQ(b.res.len, TEXT);
	CHECK(a.comp.slot[0].usable);
}


static void both_fit(void)
{
	start();
	toy.len = 900;
	CHECK_EQ(pack(&a, 'x', SIGCOMP_ANSWERED), 0);
	sigcomp_confirm(&a.comp, a.handle);
	toy.slot = 1;
	CHECK_EQ(pack(&a, 'y', SIGCOMP_ANSWERED), 0);
	CHECK(a.comp.slot[0].usable);
	sigcomp_confirm(&a.comp, a.handle);
	CHECK(a.comp.slot[0].usable);
	CHECK(a.comp.slot[1].usable);
}


const struct test_case suite_sigcomp_policy[] = {
	{"RFC 3320 s5.1: a state is referenced only when acknowledged",
	 reference_after_confirm},
	{"a confirmation of another message means nothing",
	 unknown_confirm_ignored},
	{"RFC 3320 s5.1: saved only where it will be known",
	 saves_only_when_told},
	{"one open question at a time, but not for ever",
	 one_open_question},
	{"RFC 3320 s5, RFC 4896 s9.2: requested feedback is returned",
	 feedback_is_returned},
	{"RFC 3320 s5.1: a reliable transport needs no acknowledgement",
	 stream_needs_no_answer},
	{"RFC 3320 s5.1: two streams keep no order",
	 streams_keep_no_order},
	{"RFC 3320 s9.4.9: parameters are sent", parameters_are_sent},
	{"RFC 3320 s5: decide about a message before sending the next",
	 not_while_pending},
	{"a datagram is never larger than plain", never_larger_than_plain},
	{"RFC 3320 s5.2: compression failure", codec_error_is_passed_on},
	{"RFC 3320 s7: headers made for codecs", headers},
	{"an endpoint without codec, a compartment without its memory",
	 no_codec},
	{"RFC 3321 s5.2: a codec that does not share", share_with_others},
	{"handles begin anew behind 2^32 - 1", handles_wrap},
	{"RFC 3320 s7.1: feedback items that are not ours", foreign_items},
	{"RFC 3320 s9.4.9: states that a peer announces", announced},
	{"RFC 4077 s3.2: details, and reasons that come late",
	 nack_details},
	{"RFC 4077 s2.3.1: STATE_NOT_FOUND brings a complete message",
	 nack_state_not_found},
	{"RFC 4077 s3.2: other reasons step down to plain",
	 nack_steps_down},
	{"RFC 4077 s3.2: a peer without dictionary", nack_dictionary},
	{"RFC 4077 s3.2: states that load a dictionary the peer has not",
	 nack_dictionary_of_state},
	{"RFC 4077 s3.2: OUTPUT_OVERFLOW is about one message",
	 nack_output_overflow},
	{"RFC 4077 s2.3: NACKs of a burst leave newer states",
	 nack_of_a_burst},
	{"RFC 4077 s3.2: a shared state that the peer has not", nack_shared},
	{"RFC 4077 s3.2: a peer with fewer cycles", nack_cycles},
	{"RFC 4077 s2.1: the list of sent hashes is bounded",
	 nack_list_is_bounded},
	{"RFC 5049 s8: repeated without answer, it stands alone",
	 silence_ends_trust},
	{"RFC 3320 s6.2: what may be pushed out is not used",
	 pushed_out_is_not_used},
	{"RFC 3320 s6.2: two that fit are both used", both_fit},
	{"RFC 4896 s9.2: the copy of another message tells nothing",
	 other_copy},
	{"RFC 4896 s10.2: state memory that the peer lowers",
	 state_memory_lowered},
	{"RFC 3320 s5.2: a codec that fails frees nothing",
	 failure_frees_nothing},
	{"RFC 3320 s5.1: a usable state is there, whatever was lost",
	 usable_is_there},
	{NULL, NULL}
};
