/**
 * @file sigcomp_flow.c  sigcomp flow: a SIP dialogue through two endpoints
 *
 * The files *-up-* and *-down-* of a folder are sent in order of their names,
 * each compressed by its sender and decompressed by the other side. What is
 * known of SIP here is what a SIP stack tells the library: whether an answer
 * must follow, which message answers which, and what is sent again when a
 * message is lost.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/tools/sigcomp_tool.h"
#if __has_include("sigcomp/lz.h")
#include "sigcomp/lz.h"
#define HAVE_LZ 1
#endif
#include "sigcomp/deflate.h"

enum {
	MESSAGES = 1024, TEXT_MAX = 65536, TRIES = 64,
	UP = 0, DOWN = 1,
};

struct message {
	char name[256];
	int dir;
	char *text;
	size_t len;
	unsigned copies;        /* sent so far */
	uint32_t handle;        /* of the last copy */
	bool answered;
	bool confirmed;
};

struct flow {
	const struct tool_options *o;
	struct tool_endpoint ep[2];     /* UE, P-CSCF */
	struct message msg[MESSAGES];
	unsigned n;
	uint32_t random;
	unsigned lines, failed, lost, plain_sent;
	size_t plain, bytes, worst_cycles, worst_budget;
	struct sigcomp_stream stream[2];        /* by direction */
	uint8_t out[TEXT_MAX + 256], text[TEXT_MAX];
	uint8_t marked[2 * TEXT_MAX + 512];
	uint8_t arrived[2][TEXT_MAX];
};


/* -- the little SIP that is needed --------------------------------------- */

/** Value of a header field, up to the end of the line; "" if not there */
static void header(char *value, size_t size, const struct message *m,
		   const char *field)
{
	char key[64];
	const char *p, *end;
	size_t n;

	snprintf(key, sizeof(key), "\r\n%s:", field);
	p = strstr(m->text, key);
	*value = '\0';
	if (!p)
		return;

	p += strlen(key);
	while (*p == ' ')
		++p;
	end = strstr(p, "\r\n");
	n = end ? (size_t)(end - p) : strlen(p);
	snprintf(value, size, "%.*s", (int)(n < size ? n : size - 1), p);
}


static unsigned status(const struct message *m)
{
	return strncmp(m->text, "SIP/2.0 ", 8) ? 0 :
		(unsigned)strtoul(m->text + 8, NULL, 10);
}


static bool has_method(const struct message *m, const char *method)
{
	char cseq[128];
	const char *name;

	header(cseq, sizeof(cseq), m, "CSeq");
	name = strrchr(cseq, ' ');

	return name && !strcmp(name + 1, method);
}


static bool same_field(const struct message *a, const struct message *b,
		       const char *field)
{
	char x[256], y[256];

	header(x, sizeof(x), a, field);
	header(y, sizeof(y), b, field);

	return *x && !strcmp(x, y);
}


static bool is_reliable_provisional(const struct message *m)
{
	char value[64];

	header(value, sizeof(value), m, "RSeq");

	return status(m) > 100 && status(m) < 200 && *value;
}


/** What the sender may tell the library of what comes next */
static unsigned expectation(const struct message *m)
{
	const unsigned s = status(m);

	if (!s)
		return has_method(m, "ACK") ? 0 : SIGCOMP_ANSWERED;
	if (is_reliable_provisional(m) || s == 401 || s == 407)
		return SIGCOMP_ANSWERED;
	if (s >= 200 && has_method(m, "INVITE"))
		return SIGCOMP_ANSWERED;

	/* RFC 3680: a registered UE subscribes to its registration */
	if (s >= 200 && has_method(m, "REGISTER"))
		return SIGCOMP_FOLLOWED;

	return 0;
}


/** Does b show that a has arrived? */
static bool is_answer(const struct message *b, const struct message *a)
{
	char x[512], y[512], *nonce;

	if (a->dir == b->dir || !same_field(a, b, "Call-ID"))
		return false;

	/* RFC 3261 s17.1.3 */
	if (status(b))
		return !status(a) && same_field(a, b, "CSeq");

	if (has_method(b, "ACK") && status(a) >= 200 &&
	    has_method(a, "INVITE")) {
		header(x, sizeof(x), a, "CSeq");
		header(y, sizeof(y), b, "CSeq");
		return strtoul(x, NULL, 10) == strtoul(y, NULL, 10);
	}

	/* RFC 3262 s7.2: RAck holds RSeq and CSeq of the 1xx */
	if (has_method(b, "PRACK") && is_reliable_provisional(a)) {
		header(x, sizeof(x), a, "RSeq");
		header(y, sizeof(y), b, "RAck");
		return strtoul(x, NULL, 10) == strtoul(y, NULL, 10);
	}

	/* the challenge's own nonce comes back */
	if (status(a) == 401 && has_method(b, "REGISTER")) {
		header(x, sizeof(x), a, "WWW-Authenticate");
		header(y, sizeof(y), b, "Authorization");
		nonce = strstr(x, "nonce=\"");
		if (!nonce)
			return false;
		nonce[7 + strcspn(nonce + 7, "\"")] = '\0';
		return strstr(y, nonce) != NULL;
	}

	return false;
}


/** The message whose repetition makes the peer send m again, or NULL */
static struct message *trigger(struct flow *f, const struct message *m)
{
	unsigned i;

	/* RFC 3261 s17.2: responses but a 2xx to INVITE and a reliable 1xx,
	   which are repeated by their sender; and the ACK of a 2xx */
	if (status(m) ? (is_reliable_provisional(m) ||
			 (status(m) >= 200 && has_method(m, "INVITE"))) :
	    !has_method(m, "ACK"))
		return NULL;

	for (i = 0; &f->msg[i] != m; ++i) {
		if (is_answer(m, &f->msg[i]) &&
		    (status(m) || status(&f->msg[i]) >= 200))
			return &f->msg[i];
	}

	return NULL;
}


/* -- the link ------------------------------------------------------------ */

static bool is_lost(struct flow *f)
{
	if (f->o->stream)
		return false;

	f->random = f->random * 1664525 + 1013904223;

	return (f->random >> 8) % 1000 < 10 * f->o->loss;
}


static void report(struct flow *f, const struct message *m, size_t n,
		   bool lost, const struct sigcomp_result *res)
{
	char name[64];

	printf("{\"n\": %u, \"dir\": \"%s\", \"plain\": %zu, \"bytes\": %zu, "
	       "\"copy\": %u, \"lost\": %s, \"cycles\": %u, "
	       "\"budget\": %u, \"reason\": \"%s\"}\n",
	       (unsigned)(m - f->msg) + 1, m->dir == UP ? "up" : "down",
	       m->len, n, m->copies, lost ? "true" : "false",
	       (unsigned)res->cycles, (unsigned)res->budget,
	       sigcomp_reason_name(res->reason));

	++f->lines;
	f->plain += m->len;
	f->bytes += n;

	snprintf(name, sizeof(name), "%03u.sigcomp", f->lines);
	if (f->o->dir && tool_write(f->o->dir, name, f->o->stream ?
				    f->marked : f->out, n))
		fprintf(stderr, "sigcomp: cannot write %s\n", name);
}


/** The receiver could not read a message: a NACK goes back (RFC 4077) */
static void refuse(struct flow *f, struct tool_endpoint *from,
		   struct tool_endpoint *to, size_t n)
{
	uint8_t nack[SIGCOMP_NACK_MAX];
	struct sigcomp_result res;
	size_t len;

	++f->failed;

	if (f->o->nack &&
	    !sigcomp_nack(&len, &to->sc, nack, sizeof(nack), f->out, n)) {
		f->bytes += len;
		(void)sigcomp_decompress(&res, &from->sc, f->text,
					 sizeof(f->text), nack, len,
					 f->o->stream);
	}
}


/**
 * Over the stream: record marking added, and removed again byte by byte
 *
 * @return Bytes on the wire; msg and len are what arrives
 */
static size_t over_stream(struct flow *f, int dir, const uint8_t **msg,
			  size_t *len, size_t n)
{
	size_t size, used, pos = 0;
	int err = EAGAIN;

	if (sigcomp_stream_mark(f->marked, sizeof(f->marked), &size, f->out,
				n))
		err = EOVERFLOW;

	while (err == EAGAIN && pos < size) {
		err = sigcomp_stream_feed(&f->stream[dir], msg, len,
					  f->marked + pos, 1, &used);
		pos += used;
	}

	if (err || pos != size) {
		fprintf(stderr, "sigcomp: record marking is broken\n");
		exit(2);
	}

	return size;
}


/** Send one copy. 0: it arrived and was understood */
static int send_copy(struct flow *f, struct message *m)
{
	struct tool_endpoint *from = &f->ep[m->dir], *to = &f->ep[!m->dir];
	struct sigcomp_result res;
	const uint8_t *msg = f->out;
	unsigned flags = expectation(m), i;
	size_t n, len, wire;
	bool lost;
	int err;

	memset(&res, 0, sizeof(res));
	if (m->copies)
		flags |= SIGCOMP_AGAIN;
	if (f->o->stream)
		flags |= SIGCOMP_RELIABLE;
	if (f->o->shared)
		flags |= SIGCOMP_SHARE;

	err = sigcomp_compress(&from->sc, &from->comp, f->out, sizeof(f->out),
			       &n, &m->handle, (uint8_t *)m->text, m->len,
			       flags);
	++m->copies;
	lost = is_lost(f);

	if (err == ENOTSUP) {
		++f->plain_sent;
		memcpy(f->out, m->text, m->len);
		n = m->len;
		m->handle = 0;
	}
	else if (err) {
		fprintf(stderr, "sigcomp: %s: compressing fails: %s\n",
			m->name, strerror(err));
		exit(2);
	}

	len = wire = n;
	if (f->o->stream)
		wire = over_stream(f, m->dir, &msg, &len, n);

	if (lost) {
		++f->lost;
	}
	else if (!err) {
		err = sigcomp_decompress(&res, &to->sc, f->text,
					 sizeof(f->text), msg, len,
					 f->o->stream);
		if (!err && (res.len != m->len ||
			     memcmp(f->text, m->text, m->len))) {
			fprintf(stderr, "sigcomp: %s: wrong text\n", m->name);
			sigcomp_discard(&to->sc);
			err = EBADMSG;
		}
		if (!err)
			err = sigcomp_accept(&to->sc, &to->comp);
		if (res.cycles > f->worst_cycles)
			f->worst_cycles = res.cycles;
		if (res.budget && 1000ul * res.cycles / res.budget >
		    f->worst_budget)
			f->worst_budget = 1000ul * res.cycles / res.budget;
	}
	else {
		err = 0;
	}

	report(f, m, wire, lost, &res);
	if (lost)
		return ETIMEDOUT;
	if (err) {
		refuse(f, from, to, n);
		return err;
	}

	/* what m answers has arrived, if only one copy of it was sent */
	for (i = 0; &f->msg[i] != m; ++i) {
		struct message *a = &f->msg[i];

		if (a->handle && a->copies == 1 && !a->confirmed &&
		    is_answer(m, a)) {
			a->confirmed = true;
			sigcomp_confirm(&to->comp, a->handle);
		}
	}

	return 0;
}


/** Send a message until it is there, as SIP does over UDP */
static void send_message(struct flow *f, struct message *m)
{
	unsigned i;

	for (i = 0; i < TRIES; ++i) {
		struct message *t;

		if (!send_copy(f, m))
			return;

		/* a provisional response is not repeated */
		if (status(m) && status(m) < 200 &&
		    !is_reliable_provisional(m))
			return;

		/* the peer misses the response and repeats the request */
		t = trigger(f, m);
		while (t && i < TRIES && send_copy(f, t))
			++i;
	}

	fprintf(stderr, "sigcomp: %s never arrives\n", m->name);
}


/* -- the folder ---------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct message *)a)->name,
		      ((const struct message *)b)->name);
}


static int load(struct flow *f, const char *folder)
{
	struct tool_buf buf = { tool_alloc(TEXT_MAX), TEXT_MAX, 0 };
	struct dirent *e;
	DIR *d = opendir(folder);
	char path[1024];
	unsigned i;
	int err = 0;

	if (!d) {
		free(buf.p);
		return errno;
	}

	while ((e = readdir(d)) && f->n < MESSAGES) {
		struct message *m = &f->msg[f->n];
		const bool down = strstr(e->d_name, "-down-") != NULL;

		if (!down && !strstr(e->d_name, "-up-"))
			continue;

		snprintf(m->name, sizeof(m->name), "%s", e->d_name);
		m->dir = down ? DOWN : UP;
		++f->n;
	}

	closedir(d);
	qsort(f->msg, f->n, sizeof(*f->msg), by_name);

	for (i = 0; i < f->n && !err; ++i) {
		struct message *m = &f->msg[i];

		snprintf(path, sizeof(path), "%s/%s", folder, m->name);
		err = tool_read(&buf, path);
		if (err)
			break;

		m->len = buf.len;
		m->text = tool_alloc(m->len + 1);
		memcpy(m->text, buf.p, m->len);
	}

	free(buf.p);

	return f->n ? err : ENOENT;
}


static const struct sigcomp_codec *codec_find(const char *name)
{
	static const struct sigcomp_codec *const codec[] = {
#ifdef HAVE_LZ
		&sigcomp_lz,
#endif
#if SIGCOMP_DEFLATE
		&sigcomp_deflate,
#endif
		NULL
	};
	unsigned i;

	for (i = 0; codec[i]; ++i) {
		if (!name || !strcmp(codec[i]->name, name))
			return codec[i];
	}

	return NULL;
}


int tool_flow(struct tool_options *o, const char *folder)
{
	struct flow *f = tool_alloc(sizeof(*f));
	unsigned i;
	int err;

	f->o = o;
	f->random = o->seed * 2654435761u + 12345;
	o->codec = codec_find(o->codec_name);
	if (!o->codec) {
		fprintf(stderr, "sigcomp: no such codec\n");
		free(f);
		return 2;
	}

	err = load(f, folder);
	if (err) {
		fprintf(stderr, "sigcomp: cannot read %s: %s\n", folder,
			strerror(err));
		free(f);
		return 2;
	}

	if (tool_endpoint_init(&f->ep[UP], o) ||
	    tool_endpoint_init(&f->ep[DOWN], o)) {
		free(f);
		return 2;
	}

	for (i = 0; i < 2; ++i)
		sigcomp_stream_init(&f->stream[i], f->arrived[i],
				    sizeof(f->arrived[i]));
	for (i = 0; i < f->n; ++i)
		send_message(f, &f->msg[i]);

	printf("{\"total\": true, \"codec\": \"%s\", \"messages\": %u, "
	       "\"sent\": %u, \"lost\": %u, \"failed\": %u, "
	       "\"uncompressed\": %u, \"plain\": %zu, \"bytes\": %zu, "
	       "\"worst_cycles\": %zu, \"worst_budget_permille\": %zu}\n",
	       o->codec->name, f->n, f->lines, f->lost, f->failed,
	       f->plain_sent, f->plain, f->bytes, f->worst_cycles,
	       f->worst_budget);

	err = f->failed ? 1 : 0;
	tool_endpoint_close(&f->ep[UP]);
	tool_endpoint_close(&f->ep[DOWN]);
	for (i = 0; i < f->n; ++i)
		free(f->msg[i].text);
	free(f);

	return err;
}
