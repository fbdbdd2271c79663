/**
 * @file usim_pcsc.c  PC/SC: the thread that waits for the reader
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <winscard.h>
#include <mbedtls/platform_util.h>
#include "ports/common/usim_apdu.h"
#include "ports/linux/usim_pcsc.h"


/** How often the thread looks whether the card is still there */
#define CHECK_MS 1000

/** All reader names together */
#define READERS_MAX 2048


static void note(int fd, enum usim_pcsc_note type, const void *data,
		 size_t len)
{
	uint8_t buf[USIM_PCSC_NOTE_MAX];

	if (len > sizeof(buf) - 1)
		len = sizeof(buf) - 1;
	buf[0] = (uint8_t)type;
	memcpy(&buf[1], data, len);
	(void)send(fd, buf, 1 + len, MSG_NOSIGNAL);
	mbedtls_platform_zeroize(buf, sizeof(buf));
}


static void gone(int fd, const char *what, LONG rc)
{
	char why[128];

	(void)snprintf(why, sizeof(why), "%s%s%s", what, rc ? ": " : "",
		       rc ? pcsc_stringify_error(rc) : "");
	note(fd, USIM_PCSC_GONE, why, strlen(why));
}


/** The reader that is wanted, or the first one in which there is a card. It
 *  is ours alone: another program would select other files */
static LONG connect_card(SCARDCONTEXT ctx, const char *want,
			 SCARDHANDLE *card, DWORD *protocol)
{
	char names[READERS_MAX];
	DWORD len = sizeof(names);
	LONG rc = SCardListReaders(ctx, NULL, names, &len);

	if (rc != SCARD_S_SUCCESS)
		return rc;

	rc = SCARD_E_UNKNOWN_READER;
	for (const char *p = names; p < names + len && *p;
	     p += strlen(p) + 1) {

		if (*want && strcmp(want, p))
			continue;

		rc = SCardConnect(ctx, p, SCARD_SHARE_EXCLUSIVE,
				  SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
				  card, protocol);
		if (rc == SCARD_S_SUCCESS || *want)
			return rc;
	}

	return rc;
}


static LONG transmit(int fd, SCARDHANDLE card, DWORD protocol,
		     const uint8_t *cmd, size_t cmd_len)
{
	uint8_t ans[USIM_ANSWER_MAX];
	DWORD len = sizeof(ans);
	LONG rc;

	rc = SCardTransmit(card, protocol == SCARD_PROTOCOL_T1
			   ? SCARD_PCI_T1 : SCARD_PCI_T0,
			   cmd, (DWORD)cmd_len, NULL, ans, &len);
	if (rc == SCARD_S_SUCCESS)
		note(fd, USIM_PCSC_ANSWER, ans, len);
	mbedtls_platform_zeroize(ans, sizeof(ans));

	return rc;
}


static LONG present(SCARDHANDLE card)
{
	DWORD state, protocol;

	return SCardStatus(card, NULL, NULL, &state, &protocol, NULL, NULL);
}


/** Commands of the loop, until it leaves or the card does */
static void serve(int fd, SCARDHANDLE card, DWORD protocol)
{
	struct pollfd p = {fd, POLLIN, 0};
	uint8_t cmd[USIM_COMMAND_MAX];
	LONG rc = SCARD_S_SUCCESS;

	while (rc == SCARD_S_SUCCESS) {

		const int n = poll(&p, 1, CHECK_MS);
		ssize_t len;

		if (n <= 0) {
			rc = present(card);
			continue;
		}

		len = recv(fd, cmd, sizeof(cmd), 0);
		if (len <= 0)
			return;

		rc = transmit(fd, card, protocol, cmd, (size_t)len);
	}

	gone(fd, "the card is gone", rc);
}


void *usim_pcsc_thread(void *arg)
{
	const struct usim_pcsc *pcsc = arg;
	const int fd = pcsc->fd;
	SCARDCONTEXT ctx;
	SCARDHANDLE card;
	DWORD protocol = 0;
	uint8_t t;
	LONG rc;

	rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &ctx);
	if (rc != SCARD_S_SUCCESS) {
		gone(fd, "no PC/SC service (pcscd)", rc);
		goto out;
	}

	rc = connect_card(ctx, pcsc->reader, &card, &protocol);
	if (rc == SCARD_S_SUCCESS) {
		t = protocol == SCARD_PROTOCOL_T1;
		note(fd, USIM_PCSC_READY, &t, 1);
		serve(fd, card, protocol);
		(void)SCardDisconnect(card, SCARD_RESET_CARD);
	}
	else {
		gone(fd, "no card in a reader", rc);
	}

	(void)SCardReleaseContext(ctx);

 out:
	(void)close(fd);

	return NULL;
}
