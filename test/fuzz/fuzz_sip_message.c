/**
 * @file fuzz_sip_message.c  libFuzzer target: hostile SIP messages
 *
 * Input: one octet (bits 0-1 framing, bit 2 a small buffer for the answer),
 * then the message.  Everything that can be decoded is decoded; an accepted
 * message must be accepted again, its Request-URI be equal to itself, and the
 * answer to an accepted request must parse.
 *
 * -DFUZZ_REPLAY: a program that runs the files given as arguments.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ue/sip/message.h"
#include "ue/sip/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char *const methodv[] = {"INVITE", "OPTIONS", "MESSAGE", NULL};
static const char *const optionv[] = {"100rel", "timer", NULL};
static const char *const acceptv[] = {"application/sdp", "text/*", NULL};

/* so that no decoder is optimised away */
static volatile size_t sink;


static void must(bool cond)
{
	if (!cond)
		abort();
}


/** Read every octet that a result points to */
static void touch(const struct pl *pl)
{
	size_t sum = 0;

	for (size_t i = 0; pl->p && i < pl->l; i++)
		sum += (unsigned char)pl->p[i];

	sink = sink + sum;
}


static void walk_params(const struct pl *params)
{
	struct pl rest = *params;
	struct sip_param prm;
	char buf[64];
	uint32_t v;

	while (!sip_param_next(&prm, &rest)) {
		touch(&prm.name);
		touch(&prm.val);
		if (prm.val.p)
			(void)sip_unquote(buf, sizeof(buf), &prm.val);
	}
	(void)sip_param_uint(&v, params, "expires");
}


static void walk_uri(const struct sip_uri *uri)
{
	char buf[64];

	if (!uri->text.p)
		return;

	must(sip_uri_equal(uri, uri));
	touch(&uri->user);
	touch(&uri->password);
	touch(&uri->host);
	touch(&uri->headers);
	(void)sip_unescape(buf, sizeof(buf), NULL, &uri->user);
	walk_params(&uri->params);
}


static void walk_lists(const struct sip_msg *m, enum sip_hdr_id id)
{
	struct sip_iter it;
	struct sip_addr addr;
	struct sip_via via;
	struct sip_sec_mech mech;
	struct sip_digest dg;
	struct sip_ctype ct;
	struct pl val, val2, params;

	sip_iter_init(&it, m, id);
	while (!sip_iter_addr(&addr, &it)) {
		touch(&addr.dname);
		walk_uri(&addr.uri);
		walk_params(&addr.params);
	}
	sip_iter_init(&it, m, id);
	while (!sip_iter_via(&via, &it)) {
		touch(&via.text);
		walk_params(&via.params);
	}
	sip_iter_init(&it, m, id);
	while (!sip_iter_token(&val, &it))
		touch(&val);
	sip_iter_init(&it, m, id);
	while (!sip_iter_sec_mech(&mech, &it))
		touch(&mech.alg);
	sip_iter_init(&it, m, id);
	while (!sip_iter_value(&val, &it)) {
		sip_value_split(&val2, &params, &val);
		walk_params(&params);
	}
	sip_iter_init(&it, m, id);
	while (!sip_iter_field(&val, &it)) {
		if (!sip_digest_decode(&dg, &val))
			touch(&dg.nonce);
		if (!sip_authinfo_decode(&dg, &val))
			touch(&dg.rspauth);
		if (!sip_ctype_decode(&ct, &val))
			walk_params(&ct.params);
		if (!sip_token_decode(&val2, &params, &val))
			walk_params(&params);
	}
}


static void walk(const struct sip_msg *m)
{
	struct sip_event ev;
	struct sip_substate ss;
	struct sip_rack rack;
	struct pl name, val;
	uint32_t v;

	for (unsigned i = 0; !sip_msg_hdr_at(&name, &val, m, i); i++) {
		touch(&name);
		touch(&val);
	}
	for (unsigned id = 0; id < SIP_HDR_COUNT; id++) {
		if (!sip_msg_has(m, (enum sip_hdr_id)id))
			continue;
		walk_lists(m, (enum sip_hdr_id)id);
		(void)sip_msg_uint(&v, m, (enum sip_hdr_id)id);
	}
	(void)sip_msg_hdr_named(&val, m, "X");
	(void)sip_msg_event(&ev, m);
	(void)sip_msg_substate(&ss, m);
	(void)sip_msg_rack(&rack, m);
	walk_uri(&m->ruri);
	touch(&m->phrase);
	touch(&m->body);
	touch(&m->call_id);
}


static void answer(const struct sip_msg *m, size_t size)
{
	static const struct pl received = {"2001:db8::1", 11};
	static char tx[65536];
	static struct sip_msg re;
	struct sip_writer w;
	uint16_t status = 200;
	int err;

	(void)sip_msg_uas_check(&status, m, methodv, optionv, acceptv);

	sip_writer_init(&w, tx, size);
	sip_writer_reply(&w, m, status, NULL, "t", &received, 5060);
	sip_writer_refusal(&w, m, status, methodv, optionv, acceptv);
	err = sip_writer_end(&w);
	must(!err || (err == EOVERFLOW && w.pos <= size));

	if (!err)
		must(!sip_msg_parse(&re, tx, w.pos, SIP_FRAMING_STREAM));
}


static void frames(const uint8_t *data, size_t len)
{
	enum sip_frame kind;
	size_t n, pos = 0;

	while (!sip_msg_frame(&n, &kind, (const char *)data + pos, len - pos,
			      4096)) {
		must(n > 0 && n <= len - pos && n <= 4096);
		pos += n;
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct sip_msg m;
	char *buf;
	unsigned mode;
	int err;

	if (!len)
		return 0;

	mode = *data++;
	--len;
	frames(data, len);

	/* its own block: reading one octet too far is seen */
	buf = malloc(len ? len : 1);
	must(buf != NULL);
	if (len)
		memcpy(buf, data, len);

	err = sip_msg_parse(&m, buf, len, (enum sip_framing)(mode % 3));
	must(!err || err == EBADMSG);
	must(!err == !m.why);
	walk(&m);
	if (m.request && m.via.host.p && !err)
		answer(&m, mode & 4 ? 200 : 65536);

	if (!err)
		must(!sip_msg_parse(&m, buf, len,
				    (enum sip_framing)(mode % 3)));
	free(buf);

	return 0;
}


#ifdef FUZZ_REPLAY
int main(int argc, char *argv[])
{
	static uint8_t data[1 << 20];

	for (int i = 1; i < argc; i++) {

		FILE *f = fopen(argv[i], "rb");
		size_t len;

		if (!f) {
			perror(argv[i]);
			return 2;
		}
		len = fread(data, 1, sizeof(data), f);
		fclose(f);
		(void)LLVMFuzzerTestOneInput(data, len);
	}

	return 0;
}
#endif
