/*
 * Sets the one variable that every function reads while it loads. Must be imported before anything in
 * functions/ that writes a log line.
 */
process.env['STAGE'] = 'test';
