"""Earlier releases beside the present one."""
