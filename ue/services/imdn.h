/**
 * @file imdn.h  What becomes of messages at their recipients: notifications
 * (RFC 5438) asked for, sent and understood
 */
#ifndef SERVICES_IMDN_H
#define SERVICES_IMDN_H

#include "msrp/cpim.h"
#include "msrp/imdn.h"

struct ue;
struct ue_message;

/** imdn.Message-ID of ours: hexadecimal digits and a zero */
enum { IMDN_ID = 17, IMDN_TEXT = 960 };

/** Work space */
struct imdn_work {
	struct msrp_cpim c;
	char text[IMDN_TEXT];           /* of a MESSAGE */
};

/** Messages whose notifications are awaited; private */
struct imdns {
	struct imdn_await {
		void *about;            /* of the application */
		char id[IMDN_ID];       /* empty: free */
	} v[UE_IMDN_MAX];
	unsigned next;
};

/**
 * Write the header of a message in CPIM, for imdn_sent() to be called when it
 * is sent
 *
 * @param t    Text
 * @param id   Result: by which notifications name it (RFC 5438 s7.1.1); empty:
 *             it asks for none
 * @param to   To whom, if the message does not say
 *
 * @return 0; EINVAL a control character, or notify without datetime;
 *         EOVERFLOW; EIO
 */
int  imdn_wrap(struct ue *ue, struct msrp_text *t, char id[IMDN_ID],
	       const char *to, const struct ue_message *msg);

/**
 * A message is on its way: where it asks for notifications it is remembered in
 * place of the oldest one
 *
 * @param id     Of imdn_wrap()
 * @param about  What it is about, for imdn_read()
 */
void imdn_sent(struct imdns *is, const char id[IMDN_ID], void *about);

/**
 * Is a message a notification about one of ours? (RFC 5438 s7.1.2)
 *
 * @param about   Result: struct ue_message.about; NULL: about none that is
 *                remembered
 * @param status  Result
 */
bool imdn_read(void **about, enum msrp_imdn_status *status,
	       const struct imdns *is, const struct msrp_cpim *c);

/**
 * Where the notification about a message goes (RFC 5438 s7.2.1)
 *
 * @param to  Result: URI of the message's From, or of the first station that
 *            it shall pass
 *
 * @return 0; ENOENT none is wanted; EBADMSG the message does not say enough
 */
int  imdn_target(struct pl *to, const struct msrp_cpim *c,
		 enum msrp_imdn_status status);

/**
 * Write it, a message in CPIM
 *
 * @param t  Text
 * @param c  The message; imdn_target() was successful
 *
 * @return 0; EBADMSG; EINVAL a character that does not belong there;
 *         EOVERFLOW; EIO
 */
int  imdn_write(struct ue *ue, struct msrp_text *t, const struct msrp_cpim *c,
		enum msrp_imdn_status status);

#endif
