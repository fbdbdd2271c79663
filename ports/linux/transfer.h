/**
 * @file transfer.h  File transfers of the uims program (RFC 5547)
 *
 * What comes in is written under a temporary name, `.` with its SHA-1 and
 * `.part`, in a folder; it gets its own name, one that is not taken, when it
 * is whole.  What broke off stays for `resume-file`, or until its sender goes
 * on.
 */
#ifndef TRANSFER_H
#define TRANSFER_H

#include "ports/common/command.h"

/** What is done with offers of files */
enum transfer_mode {
	TRANSFER_ACCEPT = 0,    /**< taken, where there is a folder      */
	TRANSFER_ASK,           /**< the user is asked: accept-file      */
	TRANSFER_REFUSE
};

/** Begin.  @param folder  For what comes in; NULL: refused.  @param share
 *  Folder with files that others may fetch; NULL: none */
void transfer_init(enum transfer_mode mode, const char *folder,
		   const char *share);
void transfer_close(void);

/** Is the event one of a transfer?  It is printed then, and done what it
 *  asks for */
bool transfer_event(struct script *sc, const struct ue_event *ev);

/** FILE to URI */
void transfer_send(struct script *sc, const char *path, const char *uri);

void transfer_cmd_fetch(struct script *sc, char *args);
void transfer_cmd_accept(struct script *sc, char *args);
void transfer_cmd_refuse(struct script *sc, char *args);
void transfer_cmd_stop(struct script *sc, char *args);
void transfer_cmd_resume(struct script *sc, char *args);

#endif
