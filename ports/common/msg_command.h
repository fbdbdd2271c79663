/**
 * @file msg_command.h  Commands of messages
 */
#ifndef PORT_MSG_COMMAND_H
#define PORT_MSG_COMMAND_H

#include "ports/common/command.h"

/** Largest message that comes in, where the port has memory */
#define MESSAGE_MAX (4 * 1024 * 1024)

/** The name under which an event about messages is printed, NULL: its own;
 *  its members */
const char *msg_event_name(struct script *sc, const struct ue_event *ev);
void msg_print(struct script *sc, struct output *o, const struct ue_event *ev);

/** After an event was printed: what is left to do */
void msg_event(struct script *sc, const struct ue_event *ev);

/* for a port's own commands */

/** Memory for a message; NULL = none is free */
struct command_item *msg_item_new(struct script *sc);
void msg_item_free(struct script *sc, struct command_item *it);

/** Send it; it is freed at its outcome, or when this fails.  @return as
 *  ue_message_send() */
int  msg_item_send(struct script *sc, unsigned session,
		   struct command_item *it, struct ue_message *m);

/** The command ends with the outcome of the message.  err: of
 *  msg_item_send() */
void msg_sent(struct script *sc, int err);

void msg_cmd_say(struct script *sc, char *args);
void msg_cmd_nick(struct script *sc, char *args);
void msg_cmd_abort(struct script *sc, char *args);
void msg_cmd_notify(struct script *sc, char *args);
void msg_cmd_message(struct script *sc, char *args);
void msg_cmd_chat(struct script *sc, char *args);
void msg_cmd_typing(struct script *sc, char *args);

#endif
