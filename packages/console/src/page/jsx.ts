/** What JSX is compiled to: shorter than the automatic runtime's calls. */
export { Fragment, h } from 'preact';
