/**
 * @file usim_pcsc.h  What the PC/SC thread and the loop tell each other
 *
 * A pair of sockets that keeps the borders of messages. To the thread: one
 * command of the card. To the loop: one octet of enum usim_pcsc_note, then
 * what is said there. The thread ends when the loop has closed its end.
 */
#ifndef USIM_PCSC_H
#define USIM_PCSC_H

enum usim_pcsc_note {
	USIM_PCSC_READY = 1,    /**< a card; one octet: protocol T=      */
	USIM_PCSC_ANSWER,       /**< the card's answer                   */
	USIM_PCSC_GONE          /**< text: why there is no card (any more) */
};

/** Longest note: an answer of the card */
#define USIM_PCSC_NOTE_MAX (1 + USIM_ANSWER_MAX)

struct usim_pcsc {
	int fd;                 /**< the thread's end; it closes it      */
	char reader[128];       /**< "" = the first one with a card      */
};

/** The thread; arg: struct usim_pcsc that outlives it */
void *usim_pcsc_thread(void *arg);

#endif
