import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The preview's address is not known beforehand.
  server: { allowedHosts: true },
});
