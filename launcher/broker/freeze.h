/*
 * freeze.h: the program stands still while the person is asked at the terminal that it shares: it can neither read what is
 * typed, nor write over the question, nor take the terminal. No signal but SIGSTOP is sure to do that.
 */
#ifndef ENDOW_FREEZE_H
#define ENDOW_FREEZE_H

/*
 * Stop everything below this process that runs, and let it go on again: no more than was stopped. -EAGAIN: there are too many
 * processes to be sure of that, and some are stopped.
 */
int freeze_begin(void);
void freeze_end(void);

#endif
