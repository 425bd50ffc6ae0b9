"""What `flask work` does beside the server: one short function a job. Holds no page, starts no thread."""
