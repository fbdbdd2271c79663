/**
 * @file fuzz_sdp.c  libFuzzer target: hostile session descriptions and
 * multipart bodies
 *
 * Input: a description, or, where its first octet is below 32, that many
 * octets of boundary and a body.  Whatever is accepted lies inside the text,
 * says the same twice, and what is written of it can be read again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ue/sdp/sdp.h"
#include "ue/sip/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char *begin, *end;


static void must(bool cond)
{
	if (!cond)
		abort();
}


static void inside(const struct pl *pl)
{
	must(!pl->p || (pl->p >= begin && pl->p <= end &&
			pl->l <= (size_t)(end - pl->p)));
}


static void attributes(struct pl lines)
{
	struct sdesc_attr a;
	struct pl word;

	while (!sdesc_attr_next(&a, &lines)) {
		inside(&a.name);
		inside(&a.val);
		while (a.val.p && !sdesc_word_next(&word, &a.val)) {
			inside(&word);
			must(word.l > 0);
		}
	}
}


static void codecs(const struct sdesc_media *m)
{
	struct pl rest = m->fmts;
	struct sdesc_codec c;
	unsigned n = 0;
	int err;

	while ((err = sdesc_codec_next(&c, m, &rest)) != ENOENT) {
		must(++n < 100000);
		if (err)
			continue;
		must(c.pt < 128);
		if (c.name.p && c.name.p >= begin && c.name.p <= end)
			inside(&c.name);
		inside(&c.fmtp);
	}
}


/* Written, and read again */
static void qos(const struct sdesc_media *m)
{
	const struct ue_addr addr = {.family = 6, .ip = {0x20, 1}};
	struct sdesc_qos q, r, back;
	struct sdesc_media mm;
	struct sip_writer w;
	struct sdesc sdp;
	static char buf[2000];
	struct pl text;

	if (sdesc_qos_decode(&q, m))
		return;

	sdesc_qos_reverse(&r, &q);
	sdesc_qos_reverse(&back, &r);
	back.conf_remote = q.conf_remote;
	must(!memcmp(&back, &q, sizeof(q)));
	(void)sdesc_qos_met(&q);

	sip_writer_init(&w, buf, sizeof(buf));
	sdesc_write_session(&w, 1, 2, &addr);
	sdesc_write_media(&w, "message", 7, "TCP/MSRP", "*");
	sdesc_write_dir(&w, (enum sdesc_dir)m->dir);
	sdesc_write_qos(&w, &q);
	must(!sip_writer_err(&w));

	text.p = buf;
	text.l = sip_writer_len(&w);
	must(!sdesc_decode(&sdp, &text) && !sdesc_media(&mm, &sdp, 0));
	must(mm.dir == m->dir && !sdesc_qos_decode(&back, &mm));
	/* what is not desired at all leaves no directions */
	must(back.curr_local == q.curr_local &&
	     back.curr_remote == q.curr_remote &&
	     back.strength_local == q.strength_local &&
	     back.strength_remote == q.strength_remote &&
	     back.des_local == q.des_local && back.des_remote == q.des_remote &&
	     back.conf_remote == q.conf_remote);
}


static void description(const char *p, size_t len)
{
	const struct pl text = {p, len};
	struct sdesc sdp, again;
	struct sdesc_media m;
	struct sip_writer w;
	static char buf[70000];
	unsigned i;

	memset(&sdp, 0x55, sizeof(sdp));
	again = sdp;
	if (sdesc_decode(&sdp, &text)) {
		must(!memcmp(&sdp, &again, sizeof(sdp)));
		return;
	}

	must(!sdesc_decode(&again, &text) && again.mediac == sdp.mediac);
	must(sdp.mediac <= SDESC_MEDIA_MAX);
	inside(&sdp.sess_id);
	attributes(sdp.session);

	for (i = 0; i < sdp.mediac; i++) {
		must(!sdesc_media(&m, &sdp, i));
		inside(&m.type);
		inside(&m.proto);
		inside(&m.fmts);
		must(m.dir <= SDESC_SENDRECV);
		attributes(m.lines);
		codecs(&m);
		qos(&m);
		sip_writer_init(&w, buf, sizeof(buf));
		sdesc_write_refused(&w, &m);
	}
	must(sdesc_media(&m, &sdp, i) == ENOENT);
}


static void multipart(const char *p, size_t len)
{
	struct sip_part_iter it;
	struct sip_part part;
	static struct sip_msg m;
	char params[60] = ";boundary=\"";
	size_t n = (unsigned char)p[0];
	unsigned parts = 0;

	if (n >= len)
		n = len - 1;
	memcpy(params + strlen(params), p + 1, n);
	params[11 + n] = '"';

	memset(&m, 0, sizeof(m));
	pl_set_str(&m.ctype.type, "multipart");
	pl_set_str(&m.ctype.subtype, "mixed");
	m.ctype.params.p = params;
	m.ctype.params.l = 12 + n;
	m.body.p = p + 1 + n;
	m.body.l = len - 1 - n;

	sip_part_iter_init(&it, &m);
	while (!sip_part_next(&part, &it)) {
		must(++parts <= len);
		inside(&part.body);
		inside(&part.disposition);
		inside(&part.content_id);
		inside(&part.ctype.type);
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* no octet may be read behind the text */
	char *copy = malloc(len ? len : 1);

	if (!copy || len > 60000) {
		free(copy);
		return 0;
	}

	memcpy(copy, data, len);
	begin = copy;
	end = copy + len;

	if (len && (unsigned char)copy[0] < 32)
		multipart(copy, len);
	else
		description(copy, len);

	free(copy);

	return 0;
}
