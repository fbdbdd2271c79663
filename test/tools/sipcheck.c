/**
 * @file sipcheck.c  What the UE's SIP parser says about messages in files
 *
 *     sipcheck FILE...
 *
 * Prints a JSON line a file: file, verdict (accept or reject: the parser),
 * status (the SIP answer that the message earns from an ordinary UAS, 0 where
 * none) and reason.  Exit status 0; 2 for wrong use or an unreadable file.
 *
 * A file is one datagram, octet for octet.  Only a file without any CR is a
 * transcript, not what was on the wire: its line ends become CRLF, a missing
 * empty line at its end is added, and its Content-Length, which counted other
 * octets, is not compared with the body (the archive of RFC 5118 is such).
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ue/sip/message.h"
#include "ue/sip/writer.h"

/* A UAS that takes all methods of SIP and what an IMS UE has to do with */
static const char *const methodv[] = {
	"REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "SUBSCRIBE",
	"NOTIFY", "REFER", "PRACK", "UPDATE", "MESSAGE", "INFO", "PUBLISH",
	NULL
};

static const char *const optionv[] = {
	"100rel", "gruu", "norefersub", "outbound", "path", "precondition",
	"replaces", "sec-agree", "timer", NULL
};

static const char *const acceptv[] = {
	"application/sdp", "application/resource-lists+xml",
	"application/reginfo+xml", "application/conference-info+xml",
	"application/3gpp-ims+xml", "message/sipfrag", "message/cpim",
	"text/plain", "multipart/*", NULL
};


/** A whole file with room for twice its size and an empty line; NULL: error */
static char *load(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *buf = NULL;
	long size;

	if (!f)
		return NULL;

	if (!fseek(f, 0, SEEK_END) && (size = ftell(f)) >= 0 &&
	    !fseek(f, 0, SEEK_SET)) {
		buf = malloc(2 * (size_t)size + 3);
		*len = buf ? fread(buf, 1, (size_t)size, f) : 0;
		if (buf && *len != (size_t)size) {
			free(buf);
			buf = NULL;
		}
	}
	fclose(f);

	return buf;
}


static size_t transcript_to_wire(char *buf, size_t len)
{
	size_t lines = 0, out;

	for (size_t i = 0; i < len; i++)
		lines += buf[i] == '\n';

	out = len + lines;
	for (size_t i = len, o = out; i > 0; ) {
		buf[--o] = buf[--i];
		if (buf[i] == '\n')
			buf[--o] = '\r';
	}

	buf[out] = '\0';
	if (!strstr(buf, "\r\n\r\n")) {
		buf[out++] = '\r';
		buf[out++] = '\n';
	}

	return out;
}


static void json_string(const char *str)
{
	putchar('"');
	for (; *str; ++str) {
		if (*str == '"' || *str == '\\')
			printf("\\%c", *str);
		else if ((unsigned char)*str < 0x20)
			printf("\\u%04x", (unsigned)*str);
		else
			putchar(*str);
	}
	putchar('"');
}


static int check(const char *path)
{
	struct sip_msg m;
	const char *verdict = "accept", *reason = "";
	uint16_t status = 0;
	size_t len;
	char *buf = load(path, &len);
	enum sip_framing framing = SIP_FRAMING_DATAGRAM;

	if (!buf) {
		fprintf(stderr, "sipcheck: cannot read %s\n", path);
		return 2;
	}

	if (len && !memchr(buf, '\r', len)) {
		len = transcript_to_wire(buf, len);
		framing = SIP_FRAMING_WHOLE;
	}

	if (sip_msg_parse(&m, buf, len, framing)) {
		verdict = "reject";
		status  = m.status;
		reason  = m.why;
	}
	else if (m.request &&
		 sip_msg_uas_check(&status, &m, methodv, optionv, acceptv)) {
		reason = sip_phrase(status);
	}

	printf("{\"file\": ");
	json_string(path);
	printf(", \"verdict\": \"%s\", \"status\": %u, \"reason\": ",
	       verdict, status);
	json_string(reason);
	printf("}\n");
	free(buf);

	return 0;
}


int main(int argc, char *argv[])
{
	int err = 0;

	if (argc < 2 || argv[1][0] == '-') {
		fprintf(stderr, "usage: sipcheck FILE...\n");
		return 2;
	}

	for (int i = 1; i < argc; i++)
		err |= check(argv[i]);

	return err;
}
