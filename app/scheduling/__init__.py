"""Who works where and when: working time, dated policies, week plans with their desks, approval, team coverage."""
