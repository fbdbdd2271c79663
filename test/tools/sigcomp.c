/**
 * @file sigcomp.c  Host program: decompress SigComp messages, run a SIP flow
 *                  through two endpoints
 *
 * sigcomp decompress [-d DMS] [-s SMS] [-c CPB] [-v VERSION] [--stream]
 *                    [-o DIR] FILE...
 * sigcomp flow       [-d DMS] [-s SMS] [-c CPB] [--shared]
 *                    [--loss PERCENT --seed N] [-o DIR] FOLDER
 *
 * One JSON object a line on standard output.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/tools/sigcomp_tool.h"

enum { MAX_MESSAGE = 1 << 17 };


int tool_read(struct tool_buf *buf, const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f)
		return errno;

	buf->len = fread(buf->p, 1, buf->size, f);
	if (ferror(f) || fgetc(f) != EOF)
		buf->len = 0;
	fclose(f);

	return buf->len ? 0 : EIO;
}


int tool_write(const char *dir, const char *name, const uint8_t *p, size_t n)
{
	char path[1024];
	FILE *f;
	int err = 0;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    sizeof(path))
		return ENAMETOOLONG;

	f = fopen(path, "wb");
	if (!f)
		return errno;

	if (fwrite(p, 1, n, f) != n)
		err = EIO;
	if (fclose(f))
		err = EIO;

	return err;
}


void *tool_alloc(size_t n)
{
	void *p = calloc(1, n);

	if (!p) {
		fprintf(stderr, "sigcomp: out of memory\n");
		exit(2);
	}

	return p;
}


int tool_endpoint_init(struct tool_endpoint *ep, const struct tool_options *o)
{
	struct sigcomp_settings set = {
		.dms = o->dms, .cpb = (uint8_t)o->cpb,
		.version = (uint8_t)o->version, .codec = o->codec
	};
	size_t n = 0;
	int err;

	set.mem_size = o->dms + SIGCOMP_MEM_PAD;
	if (o->codec) {
		n = o->codec->work_size(8192, o->sms);
		if (n > set.mem_size)
			set.mem_size = n;
		n = o->codec->mem_size(o->sms);
	}

	set.mem = tool_alloc(set.mem_size);
	ep->arena = tool_alloc(o->sms + 8);
	ep->codec_mem = n ? tool_alloc(n) : NULL;
	ep->mem = set.mem;

	err = sigcomp_init(&ep->sc, &set);
	if (!err)
		err = sigcomp_open(&ep->sc, &ep->comp, ep->arena, o->sms,
				   ep->codec_mem, n);
	if (err)
		fprintf(stderr, "sigcomp: these sizes are not allowed\n");

	return err;
}


void tool_endpoint_close(struct tool_endpoint *ep)
{
	free(ep->mem);
	free(ep->arena);
	free(ep->codec_mem);
}


/** Name of an output file for message n of a file */
static void out_name(char *name, size_t size, const char *path, unsigned n)
{
	const char *base = strrchr(path, '/');

	base = base ? base + 1 : path;
	if (n)
		snprintf(name, size, "%s.%u", base, n);
	else
		snprintf(name, size, "%s", base);
}


/** Decompress one message and report it; 1: it failed */
static int one(struct tool_endpoint *ep, const struct tool_options *o,
	       struct tool_buf *out, const char *path, unsigned n,
	       const uint8_t *msg, size_t len)
{
	struct sigcomp_result res;
	char name[512];
	int err;

	err = sigcomp_decompress(&res, &ep->sc, out->p, out->size, msg, len,
				 o->stream);
	if (!err && res.kind == SIGCOMP_TEXT)
		(void)sigcomp_accept(&ep->sc, &ep->comp);

	out_name(name, sizeof(name), path, n);
	printf("{\"file\": \"%s\", \"ok\": %s, \"len\": %zu, "
	       "\"cycles\": %u, \"budget\": %u, \"reason\": \"%s\"}\n",
	       path, err ? "false" : "true", res.len, (unsigned)res.cycles,
	       (unsigned)res.budget, sigcomp_reason_name(res.reason));

	if (!err && o->dir && res.has_output &&
	    tool_write(o->dir, name, out->p, res.len)) {
		fprintf(stderr, "sigcomp: cannot write %s/%s\n", o->dir, name);
		return 1;
	}

	return err != 0;
}


/** A file that is a piece of a stream: all its messages */
static int stream_file(struct tool_endpoint *ep, const struct tool_options *o,
		       struct sigcomp_stream *st, struct tool_buf *out,
		       const char *path, const struct tool_buf *in)
{
	const uint8_t *msg;
	size_t pos = 0, used, len;
	unsigned n = 0;
	int bad = 0, err;

	while (pos < in->len) {

		err = sigcomp_stream_feed(st, &msg, &len, in->p + pos,
					  in->len - pos, &used);
		pos += used;

		if (!err) {
			bad |= one(ep, o, out, path, n++, msg, len);
		}
		else if (err != EAGAIN) {
			printf("{\"file\": \"%s\", \"ok\": false, \"len\": 0, "
			       "\"cycles\": 0, \"budget\": 0, "
			       "\"reason\": \"FRAMING_ERROR\"}\n", path);
			return 1;
		}
	}

	return bad;
}


static int decompress(const struct tool_options *o, char **file, int n)
{
	struct tool_buf in = { tool_alloc(MAX_MESSAGE), MAX_MESSAGE, 0 };
	struct tool_buf out = { tool_alloc(MAX_MESSAGE), MAX_MESSAGE, 0 };
	uint8_t *buf = tool_alloc(MAX_MESSAGE);
	struct tool_endpoint ep;
	struct sigcomp_stream st;
	int bad = 0, i;

	memset(&ep, 0, sizeof(ep));
	sigcomp_stream_init(&st, buf, MAX_MESSAGE);

	if (tool_endpoint_init(&ep, o)) {
		bad = 2;
		goto out;
	}

	for (i = 0; i < n && bad < 2; ++i) {

		if (tool_read(&in, file[i])) {
			fprintf(stderr, "sigcomp: cannot read %s\n", file[i]);
			bad = 2;
		}
		else if (o->stream) {
			bad |= stream_file(&ep, o, &st, &out, file[i], &in);
		}
		else {
			bad |= one(&ep, o, &out, file[i], 0, in.p, in.len);
		}
	}

 out:
	tool_endpoint_close(&ep);
	free(buf);
	free(in.p);
	free(out.p);

	return bad;
}


static int usage(void)
{
	fprintf(stderr,
		"usage: sigcomp decompress [-d DMS] [-s SMS] [-c CPB]"
		" [-v VERSION] [--stream] [-o DIR] FILE...\n"
		"       sigcomp flow [-d DMS] [-s SMS] [-c CPB] [--shared]"
		" [--loss PERCENT --seed N]\n"
		"               [--codec NAME] [--nack] [-o DIR] FOLDER\n");

	return 2;
}


int main(int argc, char *argv[])
{
	static const struct option longs[] = {
		{"stream", no_argument, NULL, 'S'},
		{"shared", no_argument, NULL, 'H'},
		{"loss", required_argument, NULL, 'l'},
		{"seed", required_argument, NULL, 'e'},
		{"codec", required_argument, NULL, 'C'},
		{"nack", no_argument, NULL, 'N'},
		{NULL, 0, NULL, 0}
	};
	struct tool_options o = {
		.dms = 8192, .sms = 4096, .cpb = 16, .version = 2, .seed = 1
	};
	const char *cmd = argc > 1 ? argv[1] : "";
	int c;

	optind = 2;
	while ((c = getopt_long(argc, argv, "d:s:c:v:o:", longs, NULL)) != -1) {

		switch (c) {

		case 'd': o.dms = (uint32_t)strtoul(optarg, NULL, 10);  break;
		case 's': o.sms = (uint32_t)strtoul(optarg, NULL, 10);  break;
		case 'c': o.cpb = (uint32_t)strtoul(optarg, NULL, 10);  break;
		case 'v': o.version = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'o': o.dir = optarg;                               break;
		case 'S': o.stream = true;                              break;
		case 'H': o.shared = true;                              break;
		case 'N': o.nack = true;                                break;
		case 'l': o.loss = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'e': o.seed = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'C': o.codec_name = optarg;                        break;
		default:  return usage();
		}
	}

	if (o.dms > 131072 || o.sms > 131072 || o.cpb > 128 || o.version > 2)
		return usage();

	if (!strcmp(cmd, "decompress") && optind < argc)
		return decompress(&o, argv + optind, argc - optind);
	if (!strcmp(cmd, "flow") && optind + 1 == argc)
		return tool_flow(&o, argv[optind]);

	return usage();
}
