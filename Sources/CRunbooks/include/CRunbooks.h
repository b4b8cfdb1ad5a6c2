#ifndef CRUNBOOKS_H
#define CRUNBOOKS_H

/* The runbook of a reason, in Markdown; NULL where there is none. It lives as long as the program. */
const char *crunbooks_text(const char *reason);

#endif
