/**
 * @file settings.h  Settings of the uims program
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "ports/common/usim_soft.h"
#include "ue/ue.h"

/** Settings as text; the strings live in `text` */
struct settings {
	struct ue_settings ue;
	struct ue_identity card;        /**< what the card says          */
	struct usim_soft_params usim;
	bool has_k;
	bool has_opc;                   /**< opc or op was given         */
	bool is_op;                     /**< usim.opc holds OP or TOP    */
	size_t opc_len;
	const char *store;              /**< NV file, NULL = none        */
	const char *dns;                /**< name server, NULL = system  */
	enum ue_log_level log;
	unsigned pcscf_count;
	char text[8192];
	size_t text_len;
	char error[256];                /**< why the last call failed    */
};

void settings_init(struct settings *st);
int  settings_set(struct settings *st, const char *key, const char *value);
int  settings_set_pair(struct settings *st, const char *pair);
int  settings_read_file(struct settings *st, const char *path);
int  settings_finish(struct settings *st);
void settings_wipe(struct settings *st);
void settings_help(void);

#endif
