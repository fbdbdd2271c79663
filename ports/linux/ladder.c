/**
 * @file ladder.c  The message flow of a run as a picture (SVG)
 *
 * Two lines, the UE and the network, and an arrow for each message. The
 * height stands at a fixed place and is written anew with each row, so that
 * the file is whole whenever the run ends.
 */
#include <string.h>
#include "ports/linux/ladder.h"
#include "ports/linux/linux_port.h"

enum {
	ROW    = 30,            /* from arrow to arrow                   */
	TOP    = 70,            /* the first one                         */
	LEFT   = 60,
	RIGHT  = 560,
	WIDTH  = 620,
	LABEL  = 70             /* characters                            */
};


/* The place of the height: digits of this width are written over it */
static void size(struct ladder *l)
{
	(void)fseek(l->f, 0, SEEK_SET);
	(void)fprintf(l->f, "<svg xmlns=\"http://www.w3.org/2000/svg\" "
		      "width=\"%u\" height=\"%07u\" "
		      "font-family=\"sans-serif\" font-size=\"12\">\n",
		      WIDTH, TOP + ROW * l->rows + ROW);
}


/* Text of the network's: nothing of it is markup */
static void text(FILE *f, const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len && i < LABEL; i++) {
		switch (p[i]) {

		case '<': (void)fputs("&lt;", f);   break;
		case '>': (void)fputs("&gt;", f);   break;
		case '&': (void)fputs("&amp;", f);  break;
		default:
			(void)fputc(p[i] < ' ' || p[i] > '~' ? '?' : p[i], f);
			break;
		}
	}
}


/* The first line without `SIP/2.0`; of a response also whose it is */
static void label(FILE *f, const struct ue_trace *tr)
{
	const char *p = tr->msg, *end = p + tr->len;
	const char *eol = memchr(p, '\r', tr->len), *cseq, *q;
	const size_t len = eol ? (size_t)(eol - p) : tr->len;

	if (len < 8 || memcmp(p, "SIP/2.0 ", 8)) {
		text(f, p, len > 8 ? len - 8 : len);
		return;
	}

	text(f, p + 8, len - 8);
	cseq = memmem(p, tr->len, "\nCSeq:", 6);
	if (!cseq)
		return;

	/* CSeq: NUMBER METHOD */
	for (q = cseq + 6; q < end && (*q == ' ' || (*q >= '0' && *q <= '9'));)
		++q;
	p = q;
	while (q < end && *q > ' ')
		++q;
	(void)fputs(" (", f);
	text(f, p, (size_t)(q - p));
	(void)fputc(')', f);
}


static void line(FILE *f, unsigned x1, unsigned y1, unsigned x2, unsigned y2)
{
	(void)fprintf(f, "<line x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\" "
		      "stroke=\"black\"/>\n", x1, y1, x2, y2);
}


static void centred(FILE *f, unsigned y, const char *more)
{
	(void)fprintf(f, "<text x=\"%u\" y=\"%u\" text-anchor=\"middle\"%s>",
		      (LEFT + RIGHT) / 2, y, more);
}


int ladder_open(struct ladder *l, const char *path)
{
	int err;

	memset(l, 0, sizeof(*l));
	err = linux_private_file(&l->f, path);
	if (err)
		return err;

	size(l);
	(void)fputs("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
		    l->f);
	(void)fprintf(l->f, "<text x=\"%u\" y=\"20\">UE</text>\n"
		      "<text x=\"%u\" y=\"20\">network</text>\n</svg>\n",
		      LEFT - 10, RIGHT - 24);

	return 0;
}


void ladder_message(struct ladder *l, const struct ue_trace *tr)
{
	const unsigned y = TOP + ROW * l->rows;
	const unsigned tip = tr->sent ? RIGHT : LEFT;
	char network[UE_ADDR_STR];

	/* over the end of the picture */
	(void)fseek(l->f, -(long)strlen("</svg>\n"), SEEK_END);

	line(l->f, LEFT, y - ROW, LEFT, y + 6);
	line(l->f, RIGHT, y - ROW, RIGHT, y + 6);
	line(l->f, LEFT, y, RIGHT, y);
	(void)fprintf(l->f, "<polygon points=\"%u,%u %u,%u %u,%u\"/>\n",
		      tip, y, tr->sent ? tip - 8 : tip + 8, y - 4,
		      tr->sent ? tip - 8 : tip + 8, y + 4);
	centred(l->f, y - 4, "");
	label(l->f, tr);
	(void)fputs("</text>\n", l->f);
	centred(l->f, y + 10, " font-size=\"9\" fill=\"gray\"");
	(void)fprintf(l->f, "%zu octets", tr->len);
	if (tr->wire_len != tr->len)
		(void)fprintf(l->f, ", %zu on the wire", tr->wire_len);
	(void)fputs(tr->transport == UE_TRANSPORT_TCP ? ", TCP" : ", UDP",
		    l->f);
	ue_addr_print(network, &tr->remote, UE_ADDR_HOSTPORT);
	if (strcmp(network, l->network)) {
		(void)strcpy(l->network, network);
		(void)fprintf(l->f, ", %s", network);
	}
	(void)fputs("</text>\n</svg>\n", l->f);

	++l->rows;
	size(l);
	(void)fflush(l->f);
}


void ladder_close(struct ladder *l)
{
	if (l->f)
		(void)fclose(l->f);
	l->f = NULL;
}
