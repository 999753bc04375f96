import { render } from 'preact';

const root = document.getElementById('console');
if (root !== null) render(<h1>ProviderCall</h1>, root);
