/** The functions that JSX is compiled to, which are shorter than the automatic runtime's calls. */
export { Fragment, h } from 'preact';
